"""A draw from a Beta distribution that is always the same for the same words: exploration without a dice.

Gamma variates by Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), on uniform numbers
that a hash gives: no state, no seed kept, equal on every machine and every version of Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from struct import Struct

_SCALE = 2.0**-53
_EIGHT = Struct(">8Q").unpack


@lru_cache(maxsize=50_000)  # somebody who looks around asks again and again in a day, and draws the same each time
def beta(words: str, wins: float, losses: float) -> float:
    """A number in (0, 1) from Beta(`wins`, `losses`), both above 0. Raises ValueError otherwise."""
    if not (wins > 0 and losses > 0):
        raise ValueError(f"a Beta distribution needs two numbers above 0, got {wins} and {losses}")
    uniform = _uniform(words)
    x = _gamma(uniform, wins)
    y = _gamma(uniform, losses)
    return x / (x + y) if x + y > 0 else wins / (wins + losses)


def _uniform(words: str) -> Iterator[float]:
    """Numbers in (0, 1)."""
    block = 0
    while True:
        for drawn in _EIGHT(blake2b(f"{block}|{words}".encode(), digest_size=64).digest()):
            yield ((drawn >> 11) + 0.5) * _SCALE
        block += 1


def _gamma(uniform: Iterator[float], shape: float) -> float:
    if shape < 1.0:  # Stuart's theorem: Gamma(a) = Gamma(a + 1) * U**(1/a)
        return float(_gamma(uniform, shape + 1.0) * next(uniform) ** (1.0 / shape))
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = math.sqrt(-2.0 * math.log(next(uniform))) * math.cos(2.0 * math.pi * next(uniform))
        v = (1.0 + c * x) ** 3
        if v > 0 and math.log(next(uniform)) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v
