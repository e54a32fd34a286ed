"""Actions between which only their names decide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.define.checks.rule import Rule, Workspace
from engine.model.action import Action
from engine.model.problem import Problem


class Tie(Rule):
    """Two actions of one placement that are worth the same, are as likely, and differ in no condition."""

    code = "tie"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        doc = workspace.doc("actions")
        if doc is None:
            return
        boosted = {boost.action for rule in workspace.plan.rules for boost in rule.boosts}
        alike: dict[object, list[Action]] = {}
        for action in workspace.plan.actions.values():
            if action.placements and not action.propensity.learn and action.name not in boosted:
                alike.setdefault(_worth(action), []).append(action)
        told: set[str] = set()
        for actions in alike.values():
            for one, other in combinations(sorted(actions, key=lambda each: each.name), 2):
                both = sorted(one.placements & other.placements)
                if both and other.name not in told:
                    told.add(other.name)
                    text = f"'{other.name}' and '{one.name}' are worth the same at {both[0]}: their names decide."
                    hint = "Give one another value, or let their propensity be learned."
                    yield self.problem(doc, ("actions", other.name), text, hint, key=True)


def _worth(action: Action) -> object:
    """What the answer turns on before it comes to names."""
    lines = (*action.eligible, *action.applicable, *action.suitable)
    return (
        action.mandatory,
        action.value,
        action.propensity.start,
        action.purpose,
        action.suggested,
        (action.since, action.until),
        frozenset(line.text for line in lines),
        frozenset((weight.when.text, weight.by) for weight in action.weights),
    )
