"""What of a question's context the conditions of a plan read: only that is worth keeping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from engine.model.condition import Path
from engine.model.plan import Plan


def context_keys(plan: Plan) -> frozenset[str]:
    """The keys that conditions of actions and rules ask for, and those that name an object."""
    lines = [line for action in plan.actions.values() for line, _ in action.lines]
    lines += [weight.when for action in plan.actions.values() for weight in action.weights]
    lines += [line for rule in plan.rules for line in rule.when]
    found = {path.names[0] for line in lines for path in _paths(line.node) if path.root == "context" and path.names}
    return frozenset(found | {kind.id for kind in plan.vocabulary.objects.values()})


def _paths(node: Any) -> Iterator[Path]:
    if isinstance(node, Path):
        yield node
    elif isinstance(node, tuple):
        for each in node:
            yield from _paths(each)
    elif is_dataclass(node):
        for each in fields(node):
            yield from _paths(getattr(node, each.name))
