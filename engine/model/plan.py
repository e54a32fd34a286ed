"""The plan: a workspace compiled, frozen and fingerprinted. Needs no file and no network to be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from engine.model.action import NO_RULES, Action, Concludes, Rule
from engine.model.catalog import Kind
from engine.model.condition import Condition, Match, Segment, Timed
from engine.model.event import Event
from engine.model.moment import Moment
from engine.model.policy import Policies
from engine.model.problem import NOWHERE, Place
from engine.model.profile import Enrolment
from engine.model.reporting import Reporting
from engine.model.source import EventSource
from engine.model.span import Span
from engine.model.vocabulary import Type, Vocabulary


class Runnable(Protocol):
    """A verb: what the steps of one kind do. The journey room has one file for each, and the exact types."""

    name: ClassVar[str]
    tells: ClassVar[bool]

    def run(self, step: Step, walk: Any, run: Enrolment) -> Any: ...

    def on_event(self, step: Step, walk: Any, run: Enrolment, event: Event) -> Any: ...

    def on_timer(self, step: Step, walk: Any, run: Enrolment) -> Any: ...

    def take_over(self, step: Step, walk: Any, run: Enrolment) -> Any: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One compiled step. `next` is where to go on ('' = the end); `spec` is the verb's own data."""

    id: str
    verb: Runnable
    spec: Any
    next: str
    place: Place


@dataclass(frozen=True, slots=True)
class Again:
    """May the same (customer, journey, key) start again? `after` ms since the last exit; None = never."""

    after: int | None = 0
    per_customer: bool = False
    text: str = "at once"


AT_ONCE = Again()


def _as_written(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a journey: an event, a segment entered or left, a schedule with an audience, or a request.

    `key` names the property of the event that tells runs apart ('' = the customer). `local`: the schedule
    means each customer's own clock.
    """

    event: str = ""
    enters: str = ""
    leaves: str = ""
    schedule: Moment | None = None
    audience: tuple[Condition, ...] = ()
    local: bool = False
    request: bool = False
    key: str = ""
    idle_for: Span | None = None
    only_if: tuple[Condition, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Move:
    """Where those go on who stand at a step of an older version: the step `to`, as `place` says."""

    to: str
    place: Place


@dataclass(frozen=True, slots=True)
class Journey:
    """One compiled journey. `version` is a hash of its source; an enrolment is pinned to it.

    `moves` maps steps of older versions to steps of this one.
    """

    name: str
    version: str
    purpose: str
    start: Start
    steps: dict[str, Step]
    first: str
    again: Again = AT_ONCE
    goal: tuple[Match, ...] = ()
    stop_if: tuple[Match, ...] = ()
    holdout: float = 0.0
    max_concurrent: int | None = None
    about: str = ""
    owner: str = ""
    place: Place = NOWHERE
    timed: frozenset[Timed] = frozenset()
    moves: Mapping[str, Move] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What the core must know of a channel that messages leave by.

    `address` names the customer's attribute that holds the address, `normalise` gives the one spelling of its value
    (None when it cannot be one); a `shared` address belongs to a place, not to a customer.
    """

    name: str
    address: str
    needs_consent: bool = True
    reports_open: bool = False
    shared: bool = False
    normalise: Callable[[object], str | None] = _as_written


@dataclass(frozen=True, slots=True)
class Placement:
    """A place where actions may be shown: at most `show` of them, and `fallback` (an action, or a message; '' = none)
    when there is none. `channel` is where it stands: web, app, store, phone. `context` is what it declares to say of
    the moment.
    """

    name: str
    show: int = 1
    fallback: str = ""
    about: str = ""
    channel: str = ""
    context: Mapping[str, Type] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides. `versions` also holds older journeys that people are inside, by (name, version);
    `propensities` the mean of those written for the actions of a purpose; `rules_version` changes with the actions
    and the rules, and with nothing else; `shown_at` the actions of each placement, in their order. `made` is where
    rooms keep what they have made of the plan, by their own names for it.
    """

    fingerprint: str
    vocabulary: Vocabulary
    policies: Policies
    journeys: dict[str, Journey]
    channels: dict[str, ChannelFacts]
    versions: dict[tuple[str, str], Journey] = field(default_factory=dict)
    starts: dict[str, tuple[Journey, ...]] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    by_segment: dict[tuple[str, str], tuple[Journey, ...]] = field(default_factory=dict)
    schedules: dict[str, Journey] = field(default_factory=dict)
    timed: frozenset[Timed] = frozenset()
    placements: Mapping[str, Placement] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    propensities: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    rules_version: str = ""
    rulebook: Concludes = NO_RULES
    catalog: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    brand: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, EventSource] = field(default_factory=dict)
    report: Reporting = field(default_factory=Reporting)

    shown_at: Mapping[str, tuple[Action, ...]] = field(init=False)
    made: dict[str, object] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[str, list[Action]] = {name: [] for name in self.placements}
        for action in self.actions.values():
            for name in action.placements:
                found.setdefault(name, []).append(action)
        object.__setattr__(self, "shown_at", {name: tuple(each) for name, each in found.items()})

    def journey(self, name: str, version: str) -> Journey | None:
        """The journey as it was when an enrolment entered it; the newest when that is not known any more."""
        return self.versions.get((name, version)) or self.journeys.get(name)
