"""How many parts an SMS takes: the arithmetic of GSM 03.38 and 03.40."""

from __future__ import annotations

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
COST = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENDED, 2)}
# Units in a lone message and in each part of several, which lose some to the header that joins them.
SHORT = (160, 153)
WIDE = (70, 67)


def segments(text: str) -> tuple[int, str]:
    """(parts, sign): how many SMS `text` takes, and the first sign that forces the wide alphabet ('' when none).

    In the short alphabet an escaped sign takes two units, in the wide one (UTF-16) an emoji does; neither is ever
    torn apart between two parts.
    """
    odd = next((sign for sign in text if sign not in COST), "")
    single, each = WIDE if odd else SHORT
    costs = [(2 if ord(sign) > 0xFFFF else 1) if odd else COST[sign] for sign in text]
    if sum(costs) <= single:
        return (1 if text else 0), odd
    parts, used = 1, 0
    for cost in costs:
        if used + cost > each:
            parts, used = parts + 1, 0
        used += cost
    return parts, odd
