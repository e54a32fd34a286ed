"""Customers with a known truth: how likely each accepts each action, today. Seeded: chance is a hash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

ACTIONS = tuple(f"a{number:02}" for number in range(20))
# The last one is everybody else: no segment of the policies.
SEGMENTS = ("s0", "s1", "s2", "s3", "")
DAY = 86_400_000
START = 1_772_323_200_000  # 2026-03-01 00:00Z


def uniform(*words: object) -> float:
    """A number in [0, 1) that is always the same for these words."""
    digest = blake2b("|".join(map(str, words)).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)


def normal(*words: object) -> float:
    """Of a standard normal distribution, always the same for these words."""
    one, two = uniform(*words, 1), uniform(*words, 2)
    return math.sqrt(-2.0 * math.log(1.0 - one)) * math.cos(2.0 * math.pi * two)


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer who is there: their segment, when (epoch ms), and how long they take to answer (ms)."""

    number: int
    segment: int
    at: int
    answers: int


class Truth:
    """One world. Rates are a few in a hundred, differ by action and by segment, and swing within months.

    `alike`: what one segment likes another likes as well, more or less; else the segments have nothing in common.
    Answers take `answers` ms on average.
    """

    def __init__(self, seed: int, *, days: float, visits: int, answers: int = 10 * 60_000, alike: bool = True) -> None:
        self.seed, self.count, self._days = seed, visits, days
        self._slowness = answers
        shared, own = (0.5, 0.4) if alike else (0.0, 0.64)
        self._base = [
            [-2.9 + shared * normal(seed, "a", a) + own * normal(seed, "as", a, s) for a in range(len(ACTIONS))]
            for s in range(len(SEGMENTS))
        ]
        self._phase = [
            [(uniform(seed, "p", a, s), 30.0 + 60.0 * uniform(seed, "t", a, s)) for a in range(len(ACTIONS))]
            for s in range(len(SEGMENTS))
        ]

    def visits(self) -> list[Visit]:
        """Who comes, in the order of time; each once."""
        step = self._days * DAY / self.count
        return [
            Visit(
                number,
                int(uniform(self.seed, "s", number) * len(SEGMENTS)),
                START + int(step * (number + uniform(self.seed, "w", number))),
                int(-self._slowness * math.log(1.0 - uniform(self.seed, "d", number))),
            )
            for number in range(self.count)
        ]

    def rates(self, visit: Visit) -> list[float]:
        """How likely each action is accepted by who is there, then."""
        day = (visit.at - START) / DAY
        found = []
        for base, (phase, period) in zip(self._base[visit.segment], self._phase[visit.segment], strict=True):
            odds = base + 0.5 * math.sin(2.0 * math.pi * (day / period + phase))
            found.append(1.0 / (1.0 + math.exp(-odds)))
        return found

    def accepts(self, visit: Visit, rates: Sequence[float], action: int) -> bool:
        """Whether they do. What they would say of two actions hangs together: policies are compared on equal luck."""
        return uniform(self.seed, "u", visit.number, action) < rates[action]
