"""Worked examples: each a workspace of its own, with the data to run it on."""
