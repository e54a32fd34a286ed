"""The Kaplan-Meier estimate: how many are still there after a time, when some were not watched that long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from engine.report.decisions.interval import LEVEL, z


@dataclass(frozen=True, slots=True)
class Step:
    """At `time`, `events` of those `at_risk` fell out; `share` are left after it, with Greenwood's interval."""

    time: float
    at_risk: int
    events: int
    share: float
    low: float
    high: float


def survival(times: Iterable[tuple[float, int, int]], level: float = LEVEL) -> list[Step]:
    """One step for each time with events, from (time, events, censored) in any order, each time once.

    Who is censored at a time is still at risk for the events of that time (Kaplan and Meier 1958). The interval is
    normal with Greenwood's variance (1926), cut to 0 and 1.
    """
    ordered = sorted(times)
    at_risk = sum(events + censored for _, events, censored in ordered)
    share, summed, found = 1.0, 0.0, []
    for time, events, censored in ordered:
        if events:
            share *= (at_risk - events) / at_risk
            summed += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
            half = z(level) * share * sqrt(summed)
            found.append(Step(time, at_risk, events, share, max(0.0, share - half), min(1.0, share + half)))
        at_risk -= events + censored
    return found


def at(steps: Iterable[Step], time: float) -> tuple[float, float, float]:
    """The share that is left after `time`, and its interval."""
    last = (1.0, 1.0, 1.0)
    for step in steps:
        if step.time > time:
            break
        last = (step.share, step.low, step.high)
    return last


def median(steps: Iterable[Step]) -> float | None:
    """The first time after which half or fewer are left; None when it was not reached."""
    return next((step.time for step in steps if step.share <= 0.5), None)
