"""The contextual model: river's logistic regression, which learns by how much traits of a customer change the odds.

Optional (the extra `river`). It is made here and nowhere else, by the task that makes snapshots; what it has learned is
a few weights in the snapshot, which every process can use and explain without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.decide.contextual import BASE, odds_of, weighed
from engine.decide.thompson import Thompson
from engine.model.learned import Cell, Snapshot, Tried

if TYPE_CHECKING:
    from engine.model.plan import Plan

STEP = 0.02  # of the gradient descent
MOST = 20_000  # showings of one snapshot that it learns from, one by one
MOST_WEIGHTS = 5_000


def installed() -> bool:
    """Whether the extra is there."""
    return find_spec("river") is not None


def trained(plan: Plan, before: Snapshot, tried: Sequence[Tried]) -> Mapping[str, float]:
    """The weights after what was tried; those of `before` when there is nothing to learn, or nobody to do it."""
    new = [each for each in tried if each.traits and Cell.parse(each.cell).action in plan.actions]
    if not new or not plan.policies.learning.features or not installed():
        return before.weights
    from river import linear_model, optim

    model = linear_model.LogisticRegression(optimizer=optim.SGD(STEP), intercept_lr=0.0)
    model._weights.update(before.weights)  # `weights` is a copy of them
    believed, left = Thompson(before), MOST
    for each in new:
        cell = Cell.parse(each.cell)
        given = dict.fromkeys(weighed(cell.action, each.traits.split("&")), 1.0)
        given[BASE] = odds_of(believed.posterior(plan, cell).mean)
        # a showing is a refusal until it is accepted, and then none any more: whenever that is learned
        lessons = [(False, 1.0)] * max(each.shown, 0) + [(False, -1.0)] * max(-each.shown, 0)
        lessons += [(True, 1.0), (False, -1.0)] * max(each.accepted, 0)
        for said, weight in lessons[: max(left, 0)]:
            model._weights[BASE] = 1.0  # what is counted stands; the model only says how a customer differs
            model.learn_one(given, said, w=weight)
        left -= len(lessons)
    found = {name: round(weight, 6) for name, weight in model.weights.items() if name != BASE}
    most = sorted(found, key=lambda name: (-abs(found[name]), name))[:MOST_WEIGHTS]
    return {name: found[name] for name in sorted(most)}
