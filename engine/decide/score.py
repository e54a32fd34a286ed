"""What an action is worth here and now: propensity x context x value x boost."""

from __future__ import annotations

from engine.decide.look import Look, said_at
from engine.decide.posterior import NOTHING_LEARNED as NOTHING_LEARNED
from engine.model.action import Action, Belief, Factors, Rule
from engine.model.learned import Learned as Learned

LEAST, MOST = 0.001, 0.999


def factors(look: Look, action: Action, boosts: list[tuple[Rule, float]]) -> Factors:
    """The factors of one action, each with a word on where it comes from."""
    why = []
    belief = (look.learned if action.propensity.learn else NOTHING_LEARNED).belief(look, action)
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


def bare(look: Look, action: Action, boosts: list[tuple[Rule, float]], belief: Belief) -> Factors:
    """The same factors without a word: what most of the actions of an answer need."""
    context = boost = 1.0
    for weight in action.weights:
        if weight.when.holds(look.scope):
            context *= weight.by
    for _, by in boosts:
        boost *= by
    suggestion = look.table.get(action.name)
    if suggestion is not None:
        boost *= suggestion.boost
    return Factors(min(max(belief.propensity, LEAST), MOST), context, action.value, boost, (), belief)
