"""The tracking plan: what may happen, and how it changes what is known of a customer."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.model.problem import NOWHERE, Place
from engine.model.span import DAY

CHANNELS = ("web", "app", "store", "phone", "email", "sms", "push", "social", "partner")


@dataclass(frozen=True, slots=True)
class Type:
    """A property's type. `name` is text, number, integer, yes_no, date, instant, list or item;
    a list has `of`, an item has `fields`; a text with `one_of` is one of those words."""

    name: str
    of: Type | None = None
    fields: dict[str, Type] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.one_of:
            return " or ".join(self.one_of)
        if self.name == "list":
            return f"[{self.of}]"
        return "{" + ", ".join(f"{k}: {t}" for k, t in self.fields.items()) + "}" if self.name == "item" else self.name


@dataclass(frozen=True, slots=True)
class EventType:
    """A declared event. `keep` is how long it is remembered (ms); `built_in` whether the engine itself reads it.

    `since` is where its history begins (epoch ms; None: it reaches back as far as anybody asks), `since_written`
    whether the author says so.
    """

    name: str
    properties: dict[str, Type]
    keep: int = 400 * DAY
    about: str = ""
    place: Place = NOWHERE
    built_in: bool = False
    since: int | None = None
    since_written: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """`tier_changed.tier`: which property of which event gives a value."""

    event: str
    property: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A customer attribute: set from events, counted, or counted as open cases between two events.

    `expires` is how long after its last opening a case stops counting that nobody closed (ms; None: never).
    """

    name: str
    type: Type
    sources: tuple[Source, ...] = ()
    version: tuple[Source, ...] = ()
    count: str = ""
    opens: str = ""
    closes: str = ""
    by: str = ""
    expires: int | None = 30 * DAY
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A declared object: `id` is the property that keys it, `events` those that carry its newest state,
    `ends` those after which it is over, `version` the property that orders states ('' = by time).

    `less` are the events that take items out of its lists, `item` the property that tells the items of a list
    apart, `lists` the lists that have it.
    """

    name: str
    id: str
    events: tuple[str, ...]
    ends: tuple[str, ...] = ()
    version: str = ""
    fields: dict[str, Type] = field(default_factory=dict)
    less: tuple[str, ...] = ()
    item: str = ""
    lists: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything declared. `identifiers` maps a name to 'strong' or 'weak', strongest first;
    `addresses` maps a channel to the attribute that carries the customer's address there; `forms` maps an
    identifier with a spelling of its own to email, phone or card, `country` is that of numbers without a code.
    `setters`, `counters` and `cases` index the attributes by the event that moves them; `zeros` are all that count,
    as they stand before their first event."""

    events: dict[str, EventType]
    attributes: dict[str, Attribute]
    objects: dict[str, ObjectType]
    identifiers: dict[str, str]
    addresses: dict[str, str]
    channels: tuple[str, ...] = CHANNELS
    forms: dict[str, str] = field(default_factory=dict)
    country: str = ""
    setters: dict[str, tuple[tuple[Attribute, str, str], ...]] = field(default_factory=dict)
    counters: dict[str, tuple[Attribute, ...]] = field(default_factory=dict)
    cases: dict[str, tuple[Attribute, ...]] = field(default_factory=dict)
    carriers: dict[str, tuple[ObjectType, ...]] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)

    @property
    def strong(self) -> frozenset[str]:
        """The identifiers that two people never share."""
        return frozenset(name for name, strength in self.identifiers.items() if strength == "strong")
