"""What a condition may speak of where it stands, and how a written name is found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from engine.define.condition.fault import Fault
from engine.model.condition import Path
from engine.model.vocabulary import EventType, Type

TEXT = Type("text")
ENVELOPE: Mapping[str, Type] = {"event": TEXT, "channel": TEXT, "at": Type("instant")}
ITSELF = "it"


@dataclass(frozen=True)
class Names:
    """`roots` maps a root ('event', 'customer', 'basket') to its fields, or to None where anything goes;
    `events` are those that look-backs and matches may name; `segments` and `marks` None = anything goes."""

    roots: Mapping[str, Mapping[str, Type] | None]
    events: Mapping[str, EventType] = field(default_factory=dict)
    segments: frozenset[str] | None = None
    marks: frozenset[str] | None = None


@dataclass(frozen=True)
class Item:
    """What bare names mean inside a `where`. `label` is how messages call it; `fields` None = anything goes;
    `type` is what `it` is (None = unknown)."""

    label: str
    fields: Mapping[str, Type] | None
    type: Type | None = None
    listed: bool = False


def event_item(event: EventType) -> Item:
    """The item of `order_placed where ...`: its properties and its envelope."""
    return Item(event.name, {**ENVELOPE, **event.properties})


def list_item(path: Path, of: Type | None) -> Item:
    """The item of `any event.lines where ...`."""
    if of is None or (of.name == "item" and not of.fields):
        return Item(f"an item of {path}", None, listed=True)
    return Item(f"an item of {path}", of.fields if of.name == "item" else {}, of, listed=True)


def find(written: str, names: Names, item: Item | None) -> tuple[Path, Type | None]:
    """The path a written name stands for and its type (None = unknown). Raises Fault."""
    first, *rest = str(written).split(".")
    if item is not None and not (rest and first in names.roots):
        return _in_item(written, [first, *rest], names, item)
    if first not in names.roots:
        raise Fault(*_no_root(written, first, rest, names))
    if not rest:
        known = names.roots[first]
        example = next(iter(known), "") if known else ""
        message = f"'{first}' alone says nothing: name a property of it"
        raise Fault(message, f"For example '{first}.{example or 'name'}'.")
    fields = names.roots[first]
    if fields is not None and first in ("event", "start"):
        fields = {**ENVELOPE, **fields}
    return Path(first, tuple(rest)), _walk(first, fields, rest)


def _in_item(written: str, parts: list[str], names: Names, item: Item) -> tuple[Path, Type | None]:
    if parts == [ITSELF] and item.listed and ITSELF not in (item.fields or {}):
        return Path("", ()), item.type
    if item.fields is not None and parts[0] not in item.fields:
        if item.listed and not item.fields:
            raise Fault(f"'{written}' is not known here: {item.label} is {item.type}", f"Call it '{ITSELF}'.")
        hint = nearest(parts[0], [*item.fields, *names.roots] if len(parts) > 1 else item.fields)
        raise Fault(f"{item.label} has no property '{parts[0]}'", hint)
    return Path("", tuple(parts)), _walk(item.label, item.fields, parts)


def _walk(label: str, fields: Mapping[str, Type] | None, parts: list[str]) -> Type | None:
    type_: Type | None = None
    for position, name in enumerate(parts):
        if fields is None:
            return None
        if name not in fields:
            raise Fault(f"{label} has no property '{name}'", nearest(name, fields))
        type_ = fields[name]
        label = f"{label}.{name}"
        if position == len(parts) - 1:
            return type_
        if type_.name == "list":
            rest = ".".join(parts[position + 1 :])
            raise Fault(f"{label} is a list", f"Write 'any {label} where {rest} is ...'.")
        if type_.name != "item":
            raise Fault(f"{label} is {spoken(type_)}, it has no property '{parts[position + 1]}'")
        fields = type_.fields or None
    return type_


def _no_root(written: str, first: str, rest: list[str], names: Names) -> tuple[str, str]:
    listed = ", ".join(names.roots)
    if rest:
        near = nearest(first, names.roots)
        return f"'{first}' cannot be read here", near or f"What can be read here: {listed}."
    owners = [root for root, fields in names.roots.items() if fields and first in fields]
    if owners:
        return f"'{first}' does not say whose", f"Did you mean '{owners[0]}.{first}'?"
    return f"'{written}' does not say whose", f"Begin with what it belongs to: {listed}."


def spoken(type_: Type) -> str:
    """A type in a sentence: 'a number', 'a date'."""
    words = {
        "text": "text",
        "number": "a number",
        "integer": "a whole number",
        "yes_no": "yes or no",
        "date": "a date",
        "instant": "an instant",
        "list": "a list",
        "item": "a group of properties",
    }
    return words.get(type_.name, type_.name)


def nearest(word: str, known: Iterable[str]) -> str:
    """ "Did you mean 'x'?", or '' when nothing is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""
