"""Showing what was measured: as plain data, as figures in words, as pictures, and as a page of its own."""
