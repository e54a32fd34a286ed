"""What may stand in a customer-facing text, whatever a value contained."""

from __future__ import annotations

import re

# Control characters (tab and newline stay), the bidi embeddings, overrides and isolates that can turn a
# name into another text, stray byte-order marks, and lone surrogates, which no provider can encode.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_INVISIBLE = re.compile("[\\s\u200b-\u200f\u2060\u00ad\u061c]*\\Z")


def clean(text: str) -> str:
    """`text` without the characters that no customer-facing text may hold; newlines and emoji stay."""
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def blank(text: str) -> bool:
    """True when a reader would see nothing: empty, white space or invisible characters only."""
    return not text or (not text[0].isalnum() and _INVISIBLE.match(_FORBIDDEN.sub("", text)) is not None)


def one_line(text: str) -> str:
    """`text` on one line, every run of white space being one space (line and paragraph separators too)."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """`text` as a text part: no indentation, no trailing blanks, never more than one empty line in a row."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip()
