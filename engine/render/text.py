"""What may stand in a customer-facing text, whatever a value contained."""

from __future__ import annotations

import re

# Control characters (tab and newline stay), the bidi embeddings, overrides and isolates that can turn a
# name into another text, what is seen by nobody and makes an SMS cost thrice as much (zero-width spaces, soft
# hyphens, byte-order marks), and lone surrogates, which no provider can encode. The joiners of emoji and of
# Persian stay, and so do the marks that only say which way a comma belongs.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u115f\u1160\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\ud800-\udfff"
)
_FORBIDDEN = re.compile(f"[{_UNSEEN}]")
# A letter carries two or three marks in any language; a tower of them covers the lines above.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER = re.compile(f"({_MARK}{{4}}){_MARK}+")
_FILLERS = "\u115f\u1160\u3164\uffa0"
_ODD = re.compile(f"[{_UNSEEN}]|{_MARK}{{5}}")
# One set of signs is looked for five times as fast as that, and most texts have none of it.
_DOUBTFUL = re.compile(f"[{_UNSEEN}{_MARK[1:-1]}]")
_BLANK_LINES = re.compile("\n\n\n+")  # with a beginning that can be looked for at once, as "\n{3,}" has none
_INVISIBLE = re.compile(
    "[\\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e0fff]*\\Z"
)


def clean(text: str) -> str:
    """`text` without the characters that no customer-facing text may hold; newlines and emoji stay."""
    if (text.isascii() and text.isprintable()) or _DOUBTFUL.search(text) is None or _ODD.search(text) is None:
        return text
    return _TOWER.sub(r"\1", _FORBIDDEN.sub("", text))


_HARMFUL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def harmful(text: str) -> int | None:
    """Where a control character or one that turns the line around stands in what an author has written, if any does.

    What is only superfluous in a value (a soft hyphen, a zero-width space) an author may mean.
    """
    found = _HARMFUL.search(text)
    return None if found is None else found.start()


def blank(text: str) -> bool:
    """True when a reader would see nothing: empty, white space or invisible characters only."""
    if not text or (text[0].isalnum() and text[0] not in _FILLERS):
        return not text
    return _INVISIBLE.match(_FORBIDDEN.sub("", text)) is not None


def one_line(text: str) -> str:
    """`text` on one line, every run of white space being one space (line and paragraph separators too)."""
    return " ".join(text.split())


# Typography that SMS has plain signs for: with one of these, a part holds 70 characters instead of 160.
_PLAIN_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2026": "...",
        "\u00d7": "x",
    }
)


def plain_signs(text: str) -> str:
    """`text` with straight quotes, short dashes and three dots."""
    return text if text.isascii() else text.translate(_PLAIN_SIGNS)


def plain(text: str) -> str:
    """`text` as a text part: no indentation, no trailing blanks, never more than one empty line in a row."""
    lines = "\n".join(map(str.strip, text.splitlines()))
    return _BLANK_LINES.sub("\n\n", lines).strip()
