"""What another program has sent, as events of ours: the work of a `source:` document. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.define.doc import did_you_mean
from engine.define.events import LONGEST_ID, read_event
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.ids import token
from engine.model.source import EventSource, Means, Path, Taken
from engine.model.vocabulary import Type, Vocabulary

MISSING = object()
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def meant(
    source: EventSource, vocabulary: Vocabulary, body: Any, headers: Mapping[str, str], received: int
) -> list[Event]:
    """The events that one thing sent stands for, perhaps none. `headers` by their names in small letters.

    `received` (epoch ms) is when it happened where nothing says so. Raises BadEvent with what is wrong.
    """
    if not isinstance(body, Mapping):
        raise BadEvent("body", "an object is wanted")
    sent = _Sent(body, headers)
    name = sent.text(source.event)
    if not name:
        raise BadEvent("event", f"says not what happened: nothing is found where '{source.name}' looks for it")
    means = source.events.get(name)
    if means is None:
        means = _others(source, vocabulary, name)
    events = []
    for place, each in enumerate(each for each in means if _holds(each, sent)):
        raw = _raw(source, vocabulary, each, sent, name, received)
        if place:
            raw["id"] = f"{raw['id']}/{place}"
        if len(raw["id"]) > LONGEST_ID:
            raw["id"] = token(source.name, raw["id"])
        events.append(read_event(vocabulary, raw, received))
    return events


def snake(name: str) -> str:
    """'Order Completed', 'orderCompleted' and 'order-completed' as `order_completed`."""
    return re.sub(r"[^0-9a-z]+", "_", _HUMP.sub("_", name).lower()).strip("_")


def _others(source: EventSource, vocabulary: Vocabulary, name: str) -> tuple[Means, ...]:
    if source.others == "skip":
        return ()
    kind = vocabulary.events.get(snake(name)) if source.others == "by_name" else None
    if kind is None:
        hint = did_you_mean(name, [*source.events, *vocabulary.events])
        raise BadEvent("event", f"'{name[:60]}' is not known to the source '{source.name}'. {hint}".strip())
    return (Means(kind.name),)


def _raw(
    source: EventSource, vocabulary: Vocabulary, means: Means, sent: _Sent, name: str, received: int
) -> dict[str, Any]:
    identity = sent.text(means.id or source.id)
    if not identity:
        raise BadEvent("id", "is missing")
    if source.form == "webhook":
        identity = f"{source.name}:{name}:{identity}"
    at = sent.find(means.at or source.at)
    channel = sent.find(means.channel or source.channel)
    who = {key: sent.find(each) for key, each in (source.profile if means.profile is None else means.profile).items()}
    kinds = vocabulary.events[means.event].properties
    found = _same_names(kinds, sent.at(means.fields or source.fields)) if means.fields or source.fields else {}
    found |= {key: sent.find(each) for key, each in means.properties.items()}
    zoned = _in_zone(source.zone)
    return {
        "id": identity,
        "event": means.event,
        "profile": {key: value for key, value in who.items() if value is not MISSING and value not in (None, "")},
        "at": zoned(at) if at not in (MISSING, None) else received,
        "channel": channel if isinstance(channel, str) else "",
        "properties": {key: fitted(kinds[key], value, zoned) for key, value in found.items() if value is not MISSING},
    }


def _same_names(kinds: Mapping[str, Type], given: Any) -> dict[str, Any]:
    """The members of an object that the vocabulary has properties for."""
    if not isinstance(given, Mapping):
        return {}
    named = {snake(str(key)): value for key, value in given.items()} | dict(given)
    return {key: _pruned(kind, named[key]) for key, kind in kinds.items() if key in named}


def _pruned(kind: Type, value: Any) -> Any:
    """Without what the vocabulary does not declare inside of items."""
    if kind.name == "list" and kind.of is not None and isinstance(value, list):
        return [_pruned(kind.of, each) for each in value]
    return _same_names(kind.fields, value) if kind.name == "item" else value


def fitted(kind: Type, value: Any, zoned: Callable[[Any], Any] = lambda value: value) -> Any:
    """`value` in the type that is declared, where that says the same: numbers written as text, ids that are numbers."""
    if kind.name == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind.name in ("number", "integer") and isinstance(value, str):
        return _number(value)
    if kind.name == "yes_no" and value in ("true", "false"):
        return value == "true"
    if kind.name == "instant":
        return zoned(value)
    if kind.name == "date" and isinstance(value, str) and "T" in value:
        return value.partition("T")[0]
    if kind.name == "list" and kind.of is not None and isinstance(value, list):
        return [fitted(kind.of, each, zoned) for each in value]
    if kind.name == "item" and isinstance(value, Mapping):
        known = kind.fields
        return {key: fitted(known[key], each, zoned) if key in known else each for key, each in value.items()}
    return value


def _number(text: str) -> Any:
    try:
        value = float(text) if len(text) <= 40 else None
    except ValueError:
        return text
    return int(value) if value is not None and value.is_integer() and abs(value) < 1e15 else value


def _in_zone(name: str) -> Callable[[Any], Any]:
    """What gives an instant that is written without a zone the zone `name`."""

    def zoned(value: Any) -> Any:
        if not name or not isinstance(value, str):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return value if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(name)).isoformat()

    return zoned


def _holds(means: Means, sent: _Sent) -> bool:
    for path, values in means.when:
        found = sent.at(path)
        if (None if found is MISSING else found) not in values:
            return False
    return True


class _Sent:
    """What was sent, to be looked into."""

    def __init__(self, body: Any, headers: Mapping[str, str]) -> None:
        self._body, self._headers = body, headers

    def at(self, path: Path | None) -> Any:
        """What stands at a path; MISSING when nothing does."""
        here = self._body
        for step in path or ():
            if isinstance(here, Mapping) and step in here:
                here = here[step]
            elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
                here = here[int(step)]
            else:
                return MISSING
        return here

    def find(self, taken: Taken) -> Any:
        """The value that is meant; MISSING when there is none."""
        found = self._raw(taken)
        if found in taken.unless:
            return MISSING
        if taken.words is not None and found is not MISSING:
            return taken.words.get(str(found).lower() if isinstance(found, bool) else str(found), MISSING)
        return found

    def text(self, taken: Taken) -> str:
        """The value as text, '' when there is none."""
        found = self.find(taken)
        return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""

    def _raw(self, taken: Taken) -> Any:
        if taken.header:
            return self._headers.get(taken.header) or MISSING
        if taken.join:
            parts = [self.text(each) for each in taken.join]
            return taken.by.join(parts) if all(parts) else MISSING
        if taken.each is not None:
            members = self.at(taken.each)
            return list(self._members(taken, members)) if isinstance(members, list) else MISSING
        if taken.paths:
            found = (self.at(path) for path in taken.paths)
            return next((each for each in found if each is not MISSING and each not in (None, "")), MISSING)
        return taken.value if taken.value not in (None, "") else MISSING

    def _members(self, taken: Taken, members: list[Any]) -> Iterator[Any]:
        for each in members:
            inner = _Sent(each, self._headers)
            if taken.member is not None:
                found = inner.find(taken.member)
            else:
                fields = {name: inner.find(one) for name, one in taken.fields.items()}
                found = {name: value for name, value in fields.items() if value is not MISSING}
            if found is not MISSING:
                yield found
