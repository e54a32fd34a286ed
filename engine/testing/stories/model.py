"""A story as it was read: cases of steps, each with its place in the file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from engine.define.doc import Doc, Path
from engine.model.action import Asked
from engine.model.event import Event
from engine.model.plan import Plan
from engine.testing.stories.phrase import Phrase
from engine.testing.stories.when import Clock

# Record kinds that an `expect` may name -> what its phrases begin with.
OF_MESSAGES = ("sent", "held", "refused", "expired", "cancelled", "withdrawn", "held_out", "unknown", "retried")
OF_JOURNEYS = ("started", "ended")
OF_SEGMENTS = ("entered", "left")
OF_ACTIONS = ("suggested", "suppressed", "chosen")
PHRASED = (*OF_MESSAGES, *OF_JOURNEYS, *OF_SEGMENTS, *OF_ACTIONS, "called", "flagged")
EXPECTED = (*PHRASED, "actions", "without", "segments", "customer")

# The customer of every line that names no other.
MAIN = "customer"


@dataclass(frozen=True, slots=True)
class World:
    """What a story is checked against: the plan, its messages, and what is under test."""

    plan: Plan
    messages: Collection[str]
    journeys: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the simulated provider of a channel says from now on; `until` (epoch ms) it accepts again."""

    kind: str = "accepted"
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A customer before the story begins. `consent` maps 'channel/purpose' to granted or denied."""

    name: str
    identifiers: dict[str, str]
    attributes: dict[str, Any] = field(default_factory=dict)
    consent: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expect:
    """One name of an `expect:` and what was written there: phrases, action or segment names, or attributes."""

    key: str
    path: Path
    phrases: tuple[Phrase, ...] = ()
    names: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case at an instant (epoch ms). `about` names the message that a receipt is for."""

    path: Path
    at: int
    customer: str
    event: Event | None = None
    about: str = ""
    ask: Asked | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    expects: tuple[Expect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One story: who is in it, what chance is to do, and what happens. `holdout`: the customers are held out;
    `control`: they are in the control group."""

    name: str
    path: Path
    clock: Clock
    people: dict[str, Person]
    holdout: bool
    arms: dict[str, str]
    outcomes: dict[str, Outcome]
    steps: tuple[Step, ...]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    control: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One file. `journeys` and `segments` are those under test."""

    doc: Doc
    journeys: tuple[str, ...]
    segments: tuple[str, ...]
    cases: tuple[Case, ...]
