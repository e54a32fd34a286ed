"""What names a text in a catalogue."""

from __future__ import annotations

_BETWEEN = "\x04"  # as in compiled catalogues


def key_of(text: str, context: str | None) -> str:
    """The name of a text among others; a context sets it apart from its equals."""
    return f"{context}{_BETWEEN}{text}" if context else text
