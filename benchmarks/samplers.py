"""What the learner is compared with: an ideal Thompson sampler, one that takes the best mean, and chance alone.

All know at once what became of each showing, and keep apart what customers of each segment accept. Their counts fade as
the learner's do, and begin with the same prior.
"""

from __future__ import annotations

from random import Random

from benchmarks.truth import ACTIONS, DAY, SEGMENTS, START, Truth, Visit


class Sampler:
    """`draws`: Thompson sampling by the book; else the greatest mean. Counts fade by whole days."""

    def __init__(self, seed: int, *, start: float, prior: float, half_life: float, draws: bool) -> None:
        self._random = Random(seed)
        self._prior = (start * prior, (1.0 - start) * prior)
        self._fade, self._draws, self._day = 0.5 ** (1.0 / half_life), draws, 0
        self._wins = [[0.0] * len(ACTIONS) for _ in SEGMENTS]
        self._losses = [[0.0] * len(ACTIONS) for _ in SEGMENTS]

    def choose(self, visit: Visit) -> int:
        """The action for who is there."""
        day = (visit.at - START) // DAY
        while self._day < day:
            self._day += 1
            for rows in (self._wins, self._losses):
                for row in rows:
                    row[:] = [each * self._fade for each in row]
        scores = []
        for wins, losses in zip(self._wins[visit.segment], self._losses[visit.segment], strict=True):
            a, b = self._prior[0] + wins, self._prior[1] + losses
            scores.append(self._random.betavariate(a, b) if self._draws else a / (a + b))
        return scores.index(max(scores))

    def learn(self, visit: Visit, action: int, accepted: bool) -> None:
        """What became of it."""
        rows = self._wins if accepted else self._losses
        rows[visit.segment][action] += 1.0


def regret_of(sampler: Sampler, truth: Truth) -> float:
    """Acceptances that the best actions would have brought more, in expectation."""
    lost = 0.0
    for visit in truth.visits():
        rates = truth.rates(visit)
        action = sampler.choose(visit)
        sampler.learn(visit, action, truth.accepts(visit, rates, action))
        lost += max(rates) - rates[action]
    return lost


def regret_of_chance(truth: Truth) -> float:
    """The same of whoever shows anything to anybody."""
    lost = 0.0
    for visit in truth.visits():
        rates = truth.rates(visit)
        lost += max(rates) - sum(rates) / len(rates)
    return lost
