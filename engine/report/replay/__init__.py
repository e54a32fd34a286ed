"""What-if: the past of the archive under definitions that were not in force."""
