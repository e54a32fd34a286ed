"""What of a customer the contextual model tells apart: a few attributes, as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

LONGEST = 40  # characters of a value
NOTHING_COUNTED: Mapping[str, int] = {}


def traits_of(
    attributes: Mapping[str, Any], features: Sequence[str], zeros: Mapping[str, int] = NOTHING_COUNTED
) -> tuple[str, ...]:
    """`name=value` of each of the features that is known; numbers by powers of two, so that few are told apart.

    `zeros` are the attributes that count, as they stand before their first event: 0 is known as well.
    """
    found = []
    for name in features:
        value = attributes.get(name, zeros.get(name))
        if value is None or isinstance(value, (list, dict)):
            continue
        found.append(f"{name}={quote(_word(value)[:LONGEST], safe='+')}")
    return tuple(found)


def _word(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value).lower()
    size = abs(value)
    if size != size or size in (float("inf"),):
        return "none"
    power = 0
    while 2**power <= size and power < 64:
        power += 1
    return ("-" if value < 0 else "") + (f"{2 ** (power - 1)}+" if power else "0")
