"""Intervals: of a share, of a ratio of sums over customers, of a difference between two groups of customers.

Customers are the units everywhere: what one of them does is not independent of what they did before.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import shake_256
from math import inf, nan, sqrt
from statistics import NormalDist

LEVEL = 0.95
DRAWS = 1_000
# More units than this are put together at random into so many blocks, and blocks are drawn instead: their sums have
# the same variance, and a million customers cost no more than these.
MOST_BLOCKS = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval that covers the truth at the stated level. NaN and infinite where nothing is known."""

    value: float
    low: float
    high: float

    def __contains__(self, truth: float) -> bool:
        return self.low <= truth <= self.high


UNKNOWN = Estimate(nan, -inf, inf)


def z(level: float) -> float:
    """How many standard errors on either side a normal interval has: 1.96 at 0.95."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(successes: float, trials: float, level: float = LEVEL) -> Estimate:
    """A share and Wilson's score interval (1927), right also near 0 and 1 and for few trials."""
    if trials <= 0:
        return Estimate(nan, 0.0, 1.0)
    share, square = successes / trials, z(level) ** 2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = z(level) * sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    low = middle - half if successes > 0 else 0.0
    return Estimate(share, low, middle + half if successes < trials else 1.0)


@dataclass(frozen=True, slots=True)
class Linear:
    """An estimate, and how much each unit pulls it away from its mean: what a difference of two needs."""

    value: float
    pulls: Sequence[float]

    def estimate(self, level: float = LEVEL) -> Estimate:
        """With the normal interval (delta method, one unit being one independent observation)."""
        units = len(self.pulls)
        if self.value != self.value:
            return UNKNOWN
        if units < 2:
            return Estimate(self.value, -inf, inf)
        half = z(level) * sqrt(units / (units - 1) * sum(each * each for each in self.pulls))
        return Estimate(self.value, self.value - half, self.value + half)

    def minus(self, other: Linear) -> Linear:
        """The difference of two estimates from the same units."""
        return Linear(self.value - other.value, [a - b for a, b in zip(self.pulls, other.pulls, strict=True)])

    def times(self, factor: float) -> Linear:
        return Linear(self.value * factor, [each * factor for each in self.pulls])


def linear(above: Sequence[float], below: Sequence[float]) -> Linear:
    """sum(above) / sum(below) over units; NaN where there is nothing below."""
    total = sum(below)
    if not total:
        return Linear(nan, [0.0] * len(above))
    value = sum(above) / total
    return Linear(value, [(a - value * b) / total for a, b in zip(above, below, strict=True)])


def bootstrap(
    above: Sequence[float], below: Sequence[float], level: float = LEVEL, draws: int = DRAWS, seed: str = "0"
) -> Estimate:
    """sum(above) / sum(below), with the percentile interval of `draws` bootstrap samples of the units.

    The same seed gives the same interval on every machine.
    """
    total = sum(below)
    if not total:
        return UNKNOWN
    value = sum(above) / total
    tops, bottoms = _blocks(above, seed), _blocks(below, seed)
    if len(tops) < 2:
        return Estimate(value, -inf, inf)
    found = []
    for draw in range(draws):
        chosen = _drawn(f"{seed}|{draw}", len(tops))
        bottom = sum([bottoms[each] for each in chosen])
        if bottom:
            found.append(sum([tops[each] for each in chosen]) / bottom)
    found.sort()
    return Estimate(value, _quantile(found, (1 - level) / 2), _quantile(found, (1 + level) / 2))


def _blocks(values: Sequence[float], seed: str) -> Sequence[float]:
    if len(values) <= MOST_BLOCKS:
        return values
    sums = [0.0] * MOST_BLOCKS
    for block, value in zip(_drawn(f"{seed}|blocks", MOST_BLOCKS, len(values)), values, strict=True):
        sums[block] += value
    return sums


def _drawn(words: str, below: int, count: int | None = None) -> list[int]:
    """So many whole numbers below a bound, equally likely, always the same for the same words."""
    size = below if count is None else count
    digest = shake_256(words.encode()).digest(4 * size)
    return [each * below >> 32 for each in struct.unpack(f"<{size}I", digest)]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share lies, between neighbours in proportion."""
    if not ordered:
        return nan
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, variance of the mean, and number of units of one group."""

    mean: float
    variance: float
    units: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of one number for each unit."""
        found = list(values)
        units = len(found)
        if not units:
            return cls(nan, nan, 0)
        mean = sum(found) / units
        squares = sum((each - mean) ** 2 for each in found)
        return cls(mean, squares / (units - 1) / units if units > 1 else nan, units)


def difference(treated: Spread, control: Spread, level: float = LEVEL) -> Estimate:
    """How much greater the mean of the treated is, with Welch's standard error and a normal interval."""
    value, variance = treated.mean - control.mean, treated.variance + control.variance
    if variance != variance:
        return Estimate(value, -inf, inf)
    half = z(level) * sqrt(variance)
    return Estimate(value, value - half, value + half)


def relative(treated: Spread, control: Spread, level: float = LEVEL) -> Estimate:
    """By which share of the control's mean the treated mean is greater; the interval by the delta method.

    Unknown where the control's mean is not above 0: there is nothing to compare with.
    """
    if not control.mean > 0 or treated.variance + control.variance != treated.variance + control.variance:
        return UNKNOWN
    value = treated.mean / control.mean - 1
    variance = treated.variance / control.mean**2 + treated.mean**2 * control.variance / control.mean**4
    half = z(level) * sqrt(variance)
    return Estimate(value, value - half, value + half)
