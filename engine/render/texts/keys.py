"""What names a text in a catalogue, and how it is filled in."""

from __future__ import annotations

import re

_BETWEEN = "\x04"  # as in compiled catalogues
_FORM = re.compile(r"%(?:%|\(\w+\)s)|(%(?:\([^)]*\))?.?)", re.DOTALL)


def key_of(text: str, context: str | None) -> str:
    """The name of a text among others; a context sets it apart from its equals."""
    return f"{context}{_BETWEEN}{text}" if context else text


def wrong_form(text: str) -> str:
    """The first thing in a text with variables that is neither `%(name)s` nor `%%`; '' when there is none."""
    return next((found[1] for found in _FORM.finditer(text) if found[1]), "")
