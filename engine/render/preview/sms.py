"""How many segments an SMS takes, and which characters are to blame."""

from __future__ import annotations

from dataclasses import dataclass

# GSM 03.38: the characters that take one septet, and those that take two (an escape before them).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class Length:
    """`units` are septets (GSM-7) or 16-bit units (UCS-2); `room` how many fit into `segments` segments.

    `others` are the characters outside GSM-7, each once, that made the whole text UCS-2.
    """

    encoding: str
    units: int
    segments: int
    room: int
    others: str


def measure(text: str) -> Length:
    """The length of one SMS as operators count it. A character is never cut by the end of a segment."""
    others = "".join(dict.fromkeys(sign for sign in text if sign not in _BASIC and sign not in _EXTENDED))
    if others:
        costs, alone, joined = [len(sign.encode("utf-16-be")) // 2 for sign in text], 70, 67
    else:
        costs, alone, joined = [2 if sign in _EXTENDED else 1 for sign in text], 160, 153
    units = sum(costs)
    segments = 1 if units <= alone else _packed(costs, joined)
    return Length(
        "UCS-2" if others else "GSM-7", units, segments, alone if segments == 1 else joined * segments, others
    )


def _packed(costs: list[int], room: int) -> int:
    segments, used = 1, 0
    for cost in costs:
        if used + cost > room:
            segments, used = segments + 1, 0
        used += cost
    return segments
