"""What is taken out of an object's lists: lines of an order that go back. In whatever order the events come."""

from __future__ import annotations

from typing import Any

from engine.model.event import Event
from engine.model.profile import Stamp, Thing
from engine.model.vocabulary import ObjectType

# Nothing is older: whatever else is told of the object counts as newer.
NO_STAMP = Stamp(0.0, 0, "")
EVERYTHING = "*"


def take_out(kind: ObjectType, old: Thing | None, event: Event) -> Thing:
    """The object after an event of `less`: without the items it names, or without any when it names no list."""
    thing = old if old is not None else Thing({}, NO_STAMP)
    named = {name: event.properties[name] for name in kind.lists if event.properties.get(name) is not None}
    out = {name: list(items) for name, items in thing.less.items()}
    if not named:
        out[EVERYTHING] = []
    for name, items in named.items():
        known = out.setdefault(name, [])
        known += [item for each in items if (item := str(each.get(kind.item))) not in known]
    return Thing(without(kind, thing.data, out), thing.stamp, thing.ended, out)


def without(kind: ObjectType, data: dict[str, Any], less: dict[str, list[str]]) -> dict[str, Any]:
    """The object's data, without what was taken out before or after it was told."""
    if not less:
        return data
    if EVERYTHING in less:
        return {**data, **{name: [] for name in kind.lists}}
    left = {
        name: [each for each in data[name] if str(each.get(kind.item)) not in less.get(name, ())]
        for name in kind.lists
        if isinstance(data.get(name), list)
    }
    return {**data, **left}
