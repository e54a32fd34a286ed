"""Reading events from outside: checked against the vocabulary, refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from engine.define.doc import did_you_mean
from engine.define.identifiers import spelled, wrong
from engine.model.errors import BadEvent
from engine.model.event import ABOUT_CONSENT, Event
from engine.model.vocabulary import Type, Vocabulary

FIELDS = ("id", "event", "profile", "at", "received", "channel", "properties")
LONGEST_ID = 200
LARGEST_NUMBER = 1e15
LONGEST_TEXT = 10_000
MOST_ITEMS = 1_000


def read_event(vocabulary: Vocabulary, raw: Any, received: int | None) -> Event:
    """One event from decoded JSON.

    `received` is the arrival (epoch ms); None takes the event's own `received`, else its `at` (files).
    Raises BadEvent with the field and what is wrong with it.
    """
    if not isinstance(raw, Mapping):
        raise BadEvent("event", f'an object like {{"id": ..., "event": ...}} is wanted, {_kind(raw)} was found')
    for name in raw:
        if name not in FIELDS:
            raise BadEvent(str(name)[:60], f"is not part of an event. {did_you_mean(str(name), FIELDS)}".strip())
    identity = _text(raw, "id", LONGEST_ID)
    name = _text(raw, "event", LONGEST_ID)
    kind = vocabulary.events.get(name)
    if kind is None:
        hint = did_you_mean(name, vocabulary.events)
        raise BadEvent("event", f"no event '{name[:60]}' in the vocabulary. {hint}".strip())
    at = _instant("at", raw["at"]) if raw.get("at") is not None else None
    if received is None:
        received = _instant("received", raw["received"]) if raw.get("received") is not None else at
    if at is None:
        at = received
    if at is None or received is None:
        raise BadEvent("at", "is missing: when did it happen? Write 2026-03-02T14:00:00Z")
    channel = raw.get("channel", "")
    if channel != "" and channel not in vocabulary.channels:
        hint = did_you_mean(str(channel), vocabulary.channels)
        raise BadEvent("channel", f"no channel '{str(channel)[:60]}'. {hint}".strip())
    event = Event(
        id=identity,
        name=name,
        profile=_profile(vocabulary, raw.get("profile")),
        at=at,
        received=received,
        channel=channel,
        properties=_properties(kind.properties, raw.get("properties"), name),
    )
    if name in ABOUT_CONSENT:
        _about_consent(event, kind.properties["channel"].one_of, vocabulary)
    return event


def _about_consent(event: Event, channels: tuple[str, ...], vocabulary: Vocabulary) -> None:
    """A word on consent must say which channel is meant: in its properties, else by the channel it came by. What
    comes by one at which things are only shown may well be about another."""
    listed = ", ".join(channels)
    if "channel" not in event.properties and event.channel not in vocabulary.addresses:
        found = (
            f"'{event.name}' came by '{event.channel}', by which no message leaves" if event.channel else "is missing"
        )
        raise BadEvent("properties.channel", f"{found}: say which channel is meant, {listed}")
    if event.name == "consent_changed" and "state" not in event.properties:
        raise BadEvent("properties.state", "is missing: write granted or denied")


def _kind(value: Any) -> str:
    names = {
        type(None): "null",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        dict: "an object",
    }
    return names.get(type(value), "something else")


def _text(raw: Mapping[str, Any], field: str, longest: int) -> str:
    value = raw.get(field)
    if value is None:
        raise BadEvent(field, "is missing")
    return _short_text(field, value, longest)


def _short_text(field: str, value: Any, longest: int) -> str:
    """`value` when it is text of 1 to `longest` characters."""
    if isinstance(value, str) and len(value) > longest:
        raise BadEvent(field, f"text of 1 to {longest} characters is wanted, this one has {len(value):,}")
    if not isinstance(value, str) or not value.strip():
        raise BadEvent(field, f"text of 1 to {longest} characters is wanted, {_shown(value)} was found")
    return value


def _shown(value: Any) -> str:
    """A value in the words of JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, Mapping | list):
        return _kind(value)
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _profile(vocabulary: Vocabulary, raw: Any) -> dict[str, str]:
    if not isinstance(raw, Mapping) or not raw:
        known = ", ".join(vocabulary.identifiers)
        raise BadEvent("profile", f"at least one identifier is needed: {{identifier: value}}, of {known}")
    found: dict[str, str] = {}
    for name, value in raw.items():
        if name not in vocabulary.identifiers:
            hint = did_you_mean(str(name), vocabulary.identifiers)
            raise BadEvent(f"profile.{str(name)[:60]}", f"is no identifier. {hint}".strip())
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        text = _short_text(f"profile.{name}", value, LONGEST_ID)
        one = spelled(vocabulary, name, text)
        if one is None:
            raise BadEvent(f"profile.{name}", f"{_shown(text)} {wrong(vocabulary, name)}")
        found[name] = one
    return found


def _instant(field: str, value: Any) -> int:
    """Epoch ms of an ISO 8601 instant with a zone (or of a number of ms)."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 32_503_680_000_000:
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return round(moment.astimezone(UTC).timestamp() * 1000)
        except (ValueError, OverflowError):
            moment = None
        if moment is not None:
            raise BadEvent(field, f"{_shown(value)} has no zone: write it with Z or +01:00")
    raise BadEvent(field, f"{_shown(value)} is no instant: write 2026-03-02T14:00:00Z")


def _properties(types: Mapping[str, Type], raw: Any, event: str) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise BadEvent("properties", f"an object is wanted, {_kind(raw)} was found")
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in types:
            hint = did_you_mean(str(name), types)
            raise BadEvent(f"properties.{str(name)[:60]}", f"is not declared for '{event}'. {hint}".strip())
        if value is not None:
            found[name] = typed_value(f"properties.{name}", types[name], value)
    return found


def typed_value(field: str, kind: Type, value: Any) -> Any:
    """`value` as `kind`. Raises BadEvent, naming `field`, when it is something else."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    name = kind.name
    if name == "text" and isinstance(value, str) and len(value) <= LONGEST_TEXT and value in (kind.one_of or (value,)):
        return value
    if name == "number" and number and abs(value) < LARGEST_NUMBER:
        return value
    if name == "integer" and number and abs(value) < LARGEST_NUMBER and value == int(value):
        return int(value)
    if name == "yes_no" and isinstance(value, bool):
        return value
    if name == "instant":
        return _instant(field, value)
    if name == "date" and isinstance(value, str) and _is_date(value):
        return value
    if name == "list" and isinstance(value, list) and len(value) <= MOST_ITEMS and kind.of is not None:
        return [typed_value(f"{field}[{index}]", kind.of, each) for index, each in enumerate(value)]
    if name == "item" and isinstance(value, Mapping):
        for key in value:
            if key not in kind.fields:
                raise BadEvent(
                    f"{field}.{str(key)[:60]}", f"is not declared. {did_you_mean(str(key), kind.fields)}".strip()
                )
        return {
            key: typed_value(f"{field}.{key}", kind.fields[key], each)
            for key, each in value.items()
            if each is not None
        }
    raise BadEvent(field, _why_not(kind, value, number=number))


def _why_not(kind: Type, value: Any, *, number: bool) -> str:
    """What is wrong with a value: of another kind, or beyond what is taken."""
    if number and kind.name in ("number", "integer") and not abs(value) < LARGEST_NUMBER:
        return f"{kind} between -1e15 and 1e15 is wanted, {_shown(value)} was found"
    if kind.name == "text" and isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"text of at most {LONGEST_TEXT:,} characters is wanted, this one has {len(value):,}"
    if kind.name == "list" and isinstance(value, list):
        return f"at most {MOST_ITEMS:,} members are wanted, this list has {len(value):,}"
    if kind.name == "integer" and number:
        return f"a whole number is wanted, {_shown(value)} was found"
    example = {"date": ", written 2026-03-02,", "yes_no": ", true or false,"}.get(kind.name, "")
    return f"{kind}{example} is wanted, {_shown(value)} was found"


def _is_date(value: str) -> bool:
    """An ISO date; --02-29 is one whose year is not known."""
    if value.startswith("--"):
        value = f"2000{value[1:]}"
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
