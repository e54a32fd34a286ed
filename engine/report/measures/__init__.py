"""Measures over the archive: one file for each, all over the same tables."""
