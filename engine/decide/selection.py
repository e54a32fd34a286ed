"""How likely each action was to come first: what makes logged answers fit to judge other rules by.

The draws of an answer are hashes, but over all customers and days they are draws; so before one is asked, each action
has a chance to come first. It is computed, not simulated: by the beliefs of the actions that were left, their scores,
and the share of lots.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.decide.score import LEAST, MOST
from engine.model.decision import Decision

# Points for each belief; they reach to where its density has fallen by this much (a natural logarithm).
POINTS, NOTHING_LEFT = 33, 18.0
# Of very many actions the points together are more than it takes.
MOST_SCORES = 320
_END = math.log(MOST / (1 - MOST))


@dataclass(frozen=True, slots=True)
class Runner:
    """An action that was left when an answer was put in order.

    It is believed as Beta(`wins`, `losses`), or for certain when both are 0: then `propensity` counts. `weight` is what
    it is multiplied by: context x value x boost. `mandatory` and `kept` as in an answer.
    """

    wins: float
    losses: float
    propensity: float
    weight: float
    mandatory: bool = False
    kept: bool = False

    @property
    def learns(self) -> bool:
        """A lot may put it first."""
        return self.wins + self.losses > 0.0


def chances_of(decision: Decision, explore: float) -> dict[str, float]:
    """How likely each candidate of a logged decision was to come first; `explore` is that of its plan's policies.

    For customers for whom actions are chosen: in a control group chance goes other ways.
    """
    runners = [
        Runner(
            each.wins, each.losses, each.propensity, each.context * each.value * each.boost, each.mandatory, each.kept
        )
        for each in decision.candidates
    ]
    names = [each.action for each in decision.candidates]
    return dict(zip(names, first_chances(runners, explore), strict=True))


def first_chances(runners: Sequence[Runner], explore: float) -> list[float]:
    """How likely each of the runners was to come first, in their order; together they are 1.

    `explore` is the share of days on which a lot decides. What is mandatory comes before what was shown before, and
    both before the rest: only the foremost of these has a chance. Between equal scores the earlier runner goes first.
    """
    if not runners:
        return []
    foremost = max((each.mandatory, each.kept) for each in runners)
    running = [place for place, each in enumerate(runners) if (each.mandatory, each.kept) == foremost]
    by_score = _best([_spread(runners[place]) for place in running])
    among = [place for place in running if runners[place].learns] if foremost == (False, False) else []
    lots = explore if len(among) > 1 else 0.0
    found = [0.0] * len(runners)
    for place, chance in zip(running, by_score, strict=True):
        found[place] = (1.0 - lots) * chance + (lots / len(among) if place in among else 0.0)
    return found


@dataclass(frozen=True, slots=True)
class _Spread:
    """A score as it may be: the chance that it is below another, and that it is not above it.

    Points are evenly spaced in the log odds from `low` on, by `step`; `upto` are the chances there, `dense` their
    slopes. At both ends a score has a chance of its own: propensities are let be no lower and no higher. A single
    point: the score is certain.
    """

    weight: float
    at: tuple[float, ...]
    low: float = 0.0
    step: float = 1.0
    upto: tuple[float, ...] = (1.0,)
    dense: tuple[float, ...] = (0.0,)

    def read(self, score: float) -> tuple[float, float]:
        """The chances that it is below `score`, and that it is not above it."""
        if score < self.at[0]:
            return 0.0, 0.0
        if score >= self.at[-1]:
            return (self.upto[-1] if len(self.at) > 1 else 0.0, 1.0) if score == self.at[-1] else (1.0, 1.0)
        if score == self.at[0]:
            return 0.0, self.upto[0]
        x = score / self.weight
        part, place = math.modf((math.log(x / (1.0 - x)) - self.low) / self.step)
        k = min(max(int(place), 0), len(self.at) - 2)
        one, two = self.upto[k], self.upto[k + 1]
        slope, later = self.dense[k] * self.step, self.dense[k + 1] * self.step
        # the cubic through both points with both slopes
        found = one + part * (
            slope + part * (3 * (two - one) - 2 * slope - later + part * (slope + later - 2 * (two - one)))
        )
        found = min(max(found, one), two)
        return found, found


@lru_cache(maxsize=65_536)
def _spread(runner: Runner) -> _Spread:
    """How the score of a runner spreads."""
    weight = runner.weight
    if not runner.learns or weight <= 0.0:
        return _Spread(weight, (min(max(runner.propensity, LEAST), MOST) * weight,))
    a, b = runner.wins, runner.losses
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)

    def log_density(odds: float) -> float:
        """Of the log odds, in which a Beta variable is smooth."""
        return scale - a * _log1p_exp(-odds) - b * _log1p_exp(odds)

    low, high = _end(log_density, math.log(a / b), -_END), _end(log_density, math.log(a / b), _END)
    if low >= high:  # all of it is beyond what propensities are let be
        return _Spread(weight, ((LEAST if a < b else MOST) * weight,))
    step = (high - low) / (POINTS - 1)
    odds = [low + step * k for k in range(POINTS)]
    dense = [math.exp(log_density(each)) for each in odds]
    bent = [each * (a - (a + b) / (1 + math.exp(-at))) for each, at in zip(dense, odds, strict=True)]
    # beyond the ends it falls off by powers
    mass = [math.exp(scale + a * math.log(LEAST)) / a if low == -_END else 0.0]
    for k in range(1, POINTS):
        ends = step * (dense[k - 1] + dense[k]) / 2 + step * step * (bent[k - 1] - bent[k]) / 12
        mass.append(mass[-1] + max(ends, 0.0))
    total = mass[-1] + (math.exp(scale + b * math.log(1 - MOST)) / b if high == _END else 0.0)
    at = tuple(weight / (1 + math.exp(-each)) for each in odds)
    return _Spread(weight, at, low, step, tuple(each / total for each in mass), tuple(each / total for each in dense))


def _log1p_exp(x: float) -> float:
    """log(1 + exp(x)), also for large x."""
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def _end(log_density: Callable[[float], float], middle: float, limit: float) -> float:
    """Where a density has fallen to nothing on the way from its middle to `limit`; `limit` when it has not."""
    least = log_density(middle) - NOTHING_LEFT
    if (middle - limit) * limit >= 0 or log_density(limit) > least:
        return limit
    near, far = middle, limit
    for _ in range(20):
        half = (near + far) / 2
        near, far = (half, far) if log_density(half) > least else (near, half)
    return far


def _best(spreads: Sequence[_Spread]) -> list[float]:
    """How likely each score is the greatest; of equal ones the earlier."""
    least = max(each.at[0] for each in spreads)  # one of them is at least here
    running = [place for place, each in enumerate(spreads) if each.at[-1] >= least]
    scores = sorted({least} | {at for place in running for at in spreads[place].at if at >= least})
    if len(scores) > MOST_SCORES:
        certain = {each.at[0] for each in spreads if len(each.at) == 1}  # these have to be among them
        scores = sorted({*scores[:: len(scores) // MOST_SCORES + 1], scores[-1], *(certain & {*scores})})
    found = [0.0] * len(spreads)
    before: list[float] | None = None
    different = list({id(spreads[place]): spreads[place] for place in running}.values())
    for score in scores:
        each_read = {id(each): each.read(score) for each in different}
        read = [each_read[id(spreads[place])] for place in running]
        if before is not None:
            # between two points: that it lies there, and all others are lower
            below = [each for each, _ in read]
            ends = zip(_others(before, before), _others(below, below), strict=True)
            for k, (one, two) in enumerate(ends):
                found[running[k]] += (below[k] - before[k]) * (one + two) / 2
        upto = [each for _, each in read]
        for k, others in enumerate(_others([below for below, _ in read], upto)):
            found[running[k]] += (upto[k] - read[k][0]) * others
        before = upto
    total = sum(found)
    return [each / total for each in found]


def _others(earlier: Sequence[float], later: Sequence[float]) -> list[float]:
    """For each the product of all others: those before it in `earlier`, those after it in `later`."""
    ahead, product = [], 1.0
    for each in earlier:
        ahead.append(product)
        product *= each
    product, found = 1.0, []
    for k in range(len(later) - 1, -1, -1):
        found.append(ahead[k] * product)
        product *= later[k]
    found.reverse()
    return found
