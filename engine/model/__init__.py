"""Nouns as plain data. Imports nothing else of the engine; does no input or output."""
