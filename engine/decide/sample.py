"""A draw from a Beta distribution that is always the same for the same words: exploration without a dice.

Gamma variates by Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), on uniform numbers
that a hash gives: no state, no seed kept, equal on every machine and every version of Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from math import cos, log, pi, sqrt
from struct import Struct

_SCALE = 2.0**-53
_CIRCLE = 2.0 * pi
_EIGHT = Struct(">8Q").unpack


def beta(words: str, wins: float, losses: float) -> float:
    """A number in (0, 1) from Beta(`wins`, `losses`), both above 0. Raises ValueError otherwise."""
    if not (wins > 0 and losses > 0):
        raise ValueError(f"a Beta distribution needs two numbers above 0, got {wins} and {losses}")
    return drawn(words.encode(), wins, losses)


def drawn(words: bytes, wins: float, losses: float) -> float:
    """The same, of words as bytes and of numbers that are known to be above 0: an answer draws for each action.

    Nearly always the first numbers for either variate will do, and one hash gives enough of them. Where they do not,
    it is all begun anew.
    """
    a, b, c, d, e, f, g, h = _EIGHT(blake2b(b"0|" + words).digest())
    x = _first(wins, a, b, c)
    rejected = x < 0.0
    if wins < 1.0:
        x *= (((d >> 11) + 0.5) * _SCALE) ** (1.0 / wins)
        d, e, f, g = e, f, g, h
    y = _first(losses, d, e, f)
    if rejected or y < 0.0:
        return _begun_anew(words, wins, losses)
    if losses < 1.0:
        y *= (((g >> 11) + 0.5) * _SCALE) ** (1.0 / losses)
    return x / (x + y) if x + y > 0 else wins / (wins + losses)


def _first(shape: float, a: int, b: int, c: int) -> float:
    """What `_gamma` makes of its first three numbers (of 64 bits), of a shape of 1 at least; below 0: not enough."""
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    x = sqrt(-2.0 * log(((a >> 11) + 0.5) * _SCALE)) * cos(_CIRCLE * (((b >> 11) + 0.5) * _SCALE))
    v = (1.0 + 1.0 / sqrt(9.0 * d) * x) ** 3
    if v > 0:
        u, square = ((c >> 11) + 0.5) * _SCALE, x * x
        # the first is their squeeze: where it holds, so does what follows
        if u < 1.0 - 0.0331 * square * square or log(u) < 0.5 * square + d - d * v + d * log(v):
            return d * v
    return -1.0


def _begun_anew(words: bytes, wins: float, losses: float) -> float:
    uniform = _uniform(words)
    x = _gamma(uniform, wins)
    y = _gamma(uniform, losses)
    return x / (x + y) if x + y > 0 else wins / (wins + losses)


def _uniform(words: bytes) -> Iterator[float]:
    """Numbers in (0, 1)."""
    block = 0
    while True:
        for number in _EIGHT(blake2b(b"%d|%b" % (block, words)).digest()):
            yield ((number >> 11) + 0.5) * _SCALE
        block += 1


def _gamma(uniform: Iterator[float], shape: float) -> float:
    if shape < 1.0:  # Stuart's theorem: Gamma(a) = Gamma(a + 1) * U**(1/a)
        return float(_gamma(uniform, shape + 1.0) * next(uniform) ** (1.0 / shape))
    d = shape - 1.0 / 3.0
    c = 1.0 / sqrt(9.0 * d)
    while True:
        x = sqrt(-2.0 * log(next(uniform))) * cos(_CIRCLE * next(uniform))
        v = (1.0 + c * x) ** 3
        if v > 0 and log(next(uniform)) < 0.5 * x * x + d - d * v + d * log(v):
            return d * v
