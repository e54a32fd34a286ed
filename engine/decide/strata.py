"""The order in which rules are asked: those that read a mark after those that give it.

So the answer does not depend on the order in which they are written, and no rule is asked twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from engine.model.action import Rule
from engine.model.condition import Named, Node


def marks_read(rule: Rule) -> set[str]:
    """The marks that a rule asks about."""
    return {name for line in rule.when for name in _marks_in(line.node)}


def strata(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules in layers: each reads only marks of the layers before it.

    Raises graphlib.CycleError (its second argument: the names in the circle) where rules wait for each other.
    """
    givers: dict[str, set[str]] = {}
    for rule in rules:
        for mark in rule.marks:
            givers.setdefault(mark, set()).add(rule.name)
    waits = {rule.name: set[str]().union(*(givers.get(mark, ()) for mark in marks_read(rule))) for rule in rules}
    by_name = {rule.name: rule for rule in rules}
    sorter = TopologicalSorter(waits)
    sorter.prepare()
    layers: list[list[Rule]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        layers.append([by_name[name] for name in sorted(ready)])
        sorter.done(*ready)
    return layers


def circle(rules: Sequence[Rule]) -> list[str]:
    """The names of rules that wait for each other, the first one twice; empty when none do."""
    try:
        strata(rules)
    except CycleError as fault:
        return [str(name) for name in fault.args[1]]
    return []


def _marks_in(node: Node | None) -> Iterable[str]:
    if isinstance(node, Named):
        return {node.name} if node.kind == "mark" else set()
    parts = (*getattr(node, "parts", ()), getattr(node, "part", None), getattr(node, "where", None))
    return {name for part in parts if part is not None for name in _marks_in(part)}
