"""What an action is worth here and now: propensity x context x value x boost."""

from __future__ import annotations

from typing import Protocol

from engine.decide.look import Look
from engine.model.action import Action, Factors, Rule

LEAST, MOST = 0.001, 0.999
UNKNOWN = 0.5


class Learned(Protocol):
    """What was learned of actions so far."""

    def propensity(self, look: Look, action: Action, start: float) -> tuple[float, str]:
        """How likely the action is accepted, and how that was found; `start` is where it begins."""
        ...


class NothingLearned:
    """Every action as it begins."""

    def propensity(self, look: Look, action: Action, start: float) -> tuple[float, str]:
        return start, "as it begins"


NOTHING_LEARNED = NothingLearned()


def factors(look: Look, action: Action, boosts: list[tuple[Rule, float]], learned: Learned) -> Factors:
    """The factors of one action, each with a word on where it comes from."""
    why = []
    likely, how = start(look, action)
    if action.propensity.learn:
        likely, how = learned.propensity(look, action, likely)
    likely = min(max(likely, LEAST), MOST)
    why.append(f"propensity {likely:.3g}: {how}")
    context = 1.0
    for weight in action.weights:
        if weight.when.holds(look.scope):
            context *= weight.by
            why.append(f"context x {weight.by:g}: {weight.when.text} ({weight.when.place})")
    boost = 1.0
    for rule, by in boosts:
        boost *= by
        why.append(f"boost x {by:g}: rule {rule.name} ({rule.place})")
    return Factors(likely, context, action.value, boost, tuple(why))


def start(look: Look, action: Action) -> tuple[float, str]:
    """Where a propensity begins, and why: as written, else at the mean of its purpose's actions, else one half."""
    if action.propensity.start is not None:
        return action.propensity.start, "as written"
    mean = look.plan.propensities.get(action.purpose)
    return (mean, f"the mean of {action.purpose} actions") if mean is not None else (UNKNOWN, "nothing is known")
