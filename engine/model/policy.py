"""The rules over all journeys, as the definitions compile them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.model.condition import Condition
from engine.model.problem import NOWHERE, Place
from engine.model.span import DAY, HOUR, MINUTE, Span


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a message is for. `transactional` needs no consent, keeps no quiet hours, no caps, no holdout.

    `title` is what customers read of it, by locale.
    """

    name: str
    transactional: bool = False
    at_least_once: bool = False
    place: Place = NOWHERE
    title: dict[str, str] = field(default_factory=dict, hash=False)


# Of messages to our own people: the policies of customers say nothing about them.
INTERNAL = Purpose("internal", transactional=True, at_least_once=True)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of our own people, or a mailbox of theirs: `addresses` by channel; `locale` '' is the brand's."""

    name: str
    addresses: Mapping[str, str]
    locale: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Half-open local window [start, end) in minutes of the day, on `channels`; `days` are whole quiet days.

    `weekdays` uses Monday = 0; `dates` are ISO dates (public holidays).
    """

    start: int
    end: int
    channels: frozenset[str]
    weekdays: frozenset[int] = frozenset()
    dates: frozenset[str] = frozenset()
    on_quiet: str = "hold"
    text: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` messages per rolling `window` (ms) or per `calendar` day, week or month.

    It counts messages of its channels, purposes and tags; an empty set means all of them.
    """

    limit: int
    window: int | None
    calendar: str
    channels: frozenset[str]
    purposes: frozenset[str]
    tags: frozenset[str] = frozenset()
    on_cap: str = "skip"
    text: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Suppression:
    """While `when` holds, and `lasts` afterwards, nothing of `purpose` leaves on any channel."""

    name: str
    when: Condition
    purpose: str
    lasts: Span
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Tracking:
    """Whether clicks and openings are learnt of: of those who agreed to `purpose` on the message's channel."""

    purpose: str
    clicks: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted of customers beside what they accept: an event, or a property of it that is a number."""

    name: str
    event: str
    property: str = ""


# What customers of the control group are shown: whatever chance puts first, the placement's fallback, or nothing.
Gets = Literal["random", "fallback", "nothing"]


@dataclass(frozen=True, slots=True)
class Control:
    """A standing group of customers, `share` of them, for whom actions are not chosen: see `Gets`.

    `measures` are what the two groups are compared by.
    """

    share: float
    gets: Gets = "random"
    measures: tuple[Measure, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Ramp:
    """How many customers may see a new action: `share` of them at first, all of them after `over` (ms)."""

    share: float
    over: int
    text: str = ""
    place: Place = NOWHERE

    def reach(self, since: int | None, now: int) -> float:
        """The share of customers at `now`, when it was first there at `since` (epoch ms; None: it was not yet)."""
        if since is None or now <= since:
            return self.share
        return min(1.0, self.share + (1.0 - self.share) * (now - since) / self.over)


@dataclass(frozen=True, slots=True)
class Learning:
    """How it is learned what customers accept.

    After `half_life` (ms) a showing counts half. Where an action begins counts as `prior` showings, and what it takes
    over from other places and other customers as `borrow` at most. `segments` are counted apart: a customer belongs
    to the first that holds. On a share `explore` of their days a customer is shown one of the actions that learn by
    lot. `ramp` is that of the actions that learn and have none of their own. `features` are the attributes that the
    contextual model reads; none: there is no such model.
    """

    half_life: int = 30 * DAY
    prior: float = 10.0
    borrow: float = 20.0
    segments: tuple[str, ...] = ()
    explore: float = 0.01
    ramp: Ramp | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies. `rates` are messages per second by channel; `zones` maps a country code to an IANA zone;
    `calls` maps a service to its URL; `remembers` is how far (ms) the caps of single actions look back."""

    timezone: str = "UTC"
    max_lateness: int = 48 * HOUR
    time_to_live: int = 2 * DAY
    fall_back_after: int = 10 * MINUTE
    purposes: dict[str, Purpose] = field(default_factory=dict)
    quiet: tuple[QuietHours, ...] = ()
    caps: tuple[Cap, ...] = ()
    suppress: tuple[Suppression, ...] = ()
    tracking: Tracking | None = None
    rates: dict[str, float] = field(default_factory=dict)
    global_holdout: float = 0.0
    control: Control | None = None
    delivery: str = "outbox"
    allow: tuple[str, ...] = ()
    calls: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    remembers: int = 0
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    learning: Learning = Learning()

    def purpose(self, name: str) -> Purpose:
        """The purpose of that name, which is declared, or INTERNAL's."""
        return INTERNAL if name == INTERNAL.name else self.purposes[name]
