"""What is told of all that happened: the archive, and measures over it."""
