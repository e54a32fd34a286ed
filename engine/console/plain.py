"""Text of strangers on a page: bounded, and without signs that turn the words around it upside down."""

from __future__ import annotations

from typing import Any

LONGEST = 400  # characters of one value
# Control characters (CR ends a line of what is sent live), and those that change the direction of what follows them
# (U+202A-E, U+2066-9).
_UNRULY = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    "\N{REPLACEMENT CHARACTER}",
)


def calm(text: str, most: int = LONGEST) -> str:
    """The text as it can stand on a page; the end of a long one is cut, and a mark says so."""
    return (text if len(text) <= most else f"{text[: most - 1]}…").translate(_UNRULY)


def value(given: Any, most: int = LONGEST) -> str:
    """A value of an attribute or a property, as text. What is deep or long is cut before it is written out."""
    if isinstance(given, str):
        return calm(given, most)
    if isinstance(given, list | tuple):
        return calm(", ".join(value(each, most) for each in given[:20]) + (", …" if len(given) > 20 else ""), most)
    if isinstance(given, dict):
        parts = (f"{calm(str(name), 60)} {value(each, 60)}" for name, each in list(given.items())[:20])
        return calm(", ".join(parts) + (", …" if len(given) > 20 else ""), most)
    return calm(str(given), most)
