"""What an action is worth here and now: propensity x context x value x boost."""

from __future__ import annotations

from typing import Protocol

from engine.decide.look import Look, said_at
from engine.decide.posterior import start_of
from engine.model.action import Action, Belief, Factors, Rule

LEAST, MOST = 0.001, 0.999


class Learned(Protocol):
    """What was learned of actions so far. `number` is the snapshot's, 0 while there is none."""

    number: int

    def belief(self, look: Look, action: Action) -> Belief:
        """How likely the action is accepted by who asks, where they ask."""
        ...


class NothingLearned:
    """Every action as it begins."""

    number = 0

    def belief(self, look: Look, action: Action) -> Belief:
        start = start_of(look.plan, action)
        return Belief(start.mean, start.why)


NOTHING_LEARNED = NothingLearned()


def factors(look: Look, action: Action, boosts: list[tuple[Rule, float]], learned: Learned) -> Factors:
    """The factors of one action, each with a word on where it comes from."""
    why = []
    belief = (learned if action.propensity.learn else NOTHING_LEARNED).belief(look, action)
    likely = min(max(belief.propensity, LEAST), MOST)
    why.append(f"propensity {likely:.3g}: {belief.why}")
    context = 1.0
    for weight in action.weights:
        if weight.when.holds(look.scope):
            context *= weight.by
            why.append(f"context x {weight.by:g}: {weight.when.text} ({weight.when.place})")
    boost = 1.0
    for rule, by in boosts:
        boost *= by
        why.append(f"boost x {by:g}: rule {rule.name} ({rule.place})")
    suggestion = look.table.get(action.name)
    if suggestion is not None and suggestion.boost != 1.0:
        boost *= suggestion.boost
        place = said_at(look.plan, suggestion)
        why.append(f"boost x {suggestion.boost:g}: suggested by {suggestion.journey} ({place})")
    return Factors(likely, context, action.value, boost, tuple(why), belief)
