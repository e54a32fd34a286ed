"""What has changed of items of the catalogue since it was last looked at, as the events that customers are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from engine.model.catalog import MOVES
from engine.model.plan import Plan
from engine.model.vocabulary import Type
from engine.render.stock import Change as Put

WAS = "was"  # the property of an event that says what the number was before


class Change(Struct, array_like=True):
    """The change of one item: the event it is, what `interest` in it is shown by, and the property that names it."""

    event: str
    interest: tuple[str, ...]
    names: str
    key: str
    properties: dict[str, Any]


class Item(NamedTuple):
    """An item as it is now: all its fields, and of these the numbers whose change somebody is told."""

    fields: Mapping[str, Any]
    numbers: dict[str, float]


def numbers_of(plan: Plan, put: Sequence[Put], *, whole: bool) -> dict[str, Item | None]:
    """'kind|key' -> the item of each kind that tells, of all (`whole`) or those that were put; None: there is none."""
    over = {(kind, key): fields for kind, key, fields in put if kind in plan.kinds and plan.kinds[kind].tells}
    names = dict.fromkeys(over)
    if whole:
        telling = [kind for kind, shape in plan.kinds.items() if shape.tells]
        names |= dict.fromkeys((kind, key) for kind in telling for key in plan.catalog.get(kind, ()))
    found: dict[str, Item | None] = {}
    for kind, key in names:
        shape, written, fields = plan.kinds[kind], plan.catalog.get(kind, {}).get(key), over.get((kind, key))
        item = {**(written or {}), **(fields or {})}
        gone = written is None and fields is None
        found[f"{kind}|{key}"] = None if gone else Item(item, shape.watched(item))
    return found


def changes_of(
    plan: Plan, now: Mapping[str, Item | None], before: Mapping[str, Mapping[str, float]]
) -> Iterator[Change]:
    """What of this is to be told. An item that has just begun, or ended, has not changed."""
    for name, item in now.items():
        kind, _, key = name.partition("|")
        shape, past = plan.kinds[kind], before.get(name, {})
        for tell in shape.tells if item is not None else ():
            old, new = past.get(tell.field), item.numbers.get(tell.field) if item is not None else None
            if item is None or old is None or new is None or not MOVES[tell.moves](old, new):
                continue
            types = plan.vocabulary.events[tell.event].properties
            given = {**item.fields, WAS: old, shape.key: key}
            fitted = {each: _fitted(given.get(each), type_, plan) for each, type_ in types.items()}
            properties = {each: value for each, value in fitted.items() if value is not None}
            yield Change(tell.event, tell.interest, shape.key, key, properties)


def _fitted(value: Any, type_: Type, plan: Plan) -> Any:
    """A field of an item as a property of its event; None when it is no such thing."""
    if isinstance(value, Mapping):
        source = str(plan.brand.get("locale", ""))
        value = value.get(source) or value.get("") or next(iter(value.values()), None)
    if type_.name == "text" and value is not None:
        return str(value) if not type_.one_of or str(value) in type_.one_of else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if type_.name == "integer" and number and value == int(value):
        return int(value)
    return value if type_.name == "number" and number else None
