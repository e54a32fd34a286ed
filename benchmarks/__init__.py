"""Measurements: what the engine does in a second, beside loops that do the same without an engine."""
