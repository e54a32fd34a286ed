"""What may be shown to who asks: actions, and the rules that raise them, as the definitions compile them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from msgspec import Struct

from engine.model.condition import Condition, Scope
from engine.model.policy import Cap, Ramp
from engine.model.problem import NOWHERE, Place
from engine.model.span import DAY, Span
from engine.model.term import Term

# How long what was shown stays the answer (ms), unless it is answered before.
STAYS = DAY

Outcome = Literal["shown", "accepted", "declined", "not_relevant", "no_time", "ignored"]


@dataclass(frozen=True, slots=True)
class Rest:
    """After an outcome the action is not shown for `span`."""

    span: Span
    after: Outcome
    text: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Weight:
    """While `when` holds, what the customer does at the moment makes the action `by` times as apt."""

    when: Condition
    by: float


@dataclass(frozen=True, slots=True)
class Propensity:
    """How likely an action is accepted: `start`, for good, or to begin with when it `learn`s.

    `start` None: the mean of the actions of its purpose, one half when there is none.
    """

    start: float | None = None
    learn: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be said to a customer who is there.

    `message` is its template. All lines of `eligible` (may they have it?), `applicable` (does it make sense now?) and
    `suitable` (is it good for them?) must hold; `suggested`: only while a journey has it on the table. `since` and
    `until` (epoch ms, half open) are the days of its life. `value` is what its success is worth. `ramp` None: all
    customers may see it from the beginning. `lines` are all of its conditions, each with what is said in brief
    when it does not hold.
    """

    name: str
    purpose: str
    message: str
    placements: frozenset[str]
    eligible: tuple[Condition, ...] = ()
    applicable: tuple[Condition, ...] = ()
    suitable: tuple[Condition, ...] = ()
    suggested: bool = False
    value: float = 1.0
    propensity: Propensity = Propensity()
    weights: tuple[Weight, ...] = ()
    rests: tuple[Rest, ...] = ()
    caps: tuple[Cap, ...] = ()
    tags: tuple[str, ...] = ()
    mandatory: bool = False
    since: int | None = None
    until: int | None = None
    ramp: Ramp | None = None
    about: str = ""
    place: Place = NOWHERE
    lines: tuple[tuple[Condition, Removed], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        asked = (("eligibility", self.eligible), ("applicability", self.applicable), ("suitability", self.suitable))
        found = [(line, Removed(self.name, stage, "")) for stage, lines in asked for line in lines]
        object.__setattr__(self, "lines", tuple(found))


@dataclass(frozen=True, slots=True)
class Boost:
    """A rule's word for an action: its score is multiplied by `by`."""

    action: str
    by: float


@dataclass(frozen=True, slots=True)
class Rule:
    """While all lines of `when` hold, its `marks` are the customer's and its `boosts` count.

    `term` is the same as `when`, for a matcher of many rules.
    """

    name: str
    when: tuple[Condition, ...]
    term: Term
    marks: tuple[str, ...] = ()
    boosts: tuple[Boost, ...] = ()
    about: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What the rules say of one customer at one moment: the rules that hold, and the marks they give."""

    rules: tuple[Rule, ...] = ()
    marks: frozenset[str] = frozenset()

    def boosts(self) -> dict[str, list[tuple[Rule, float]]]:
        """Action -> what multiplies its score, and by whose word."""
        found: dict[str, list[tuple[Rule, float]]] = {}
        for rule in self.rules:
            for boost in rule.boosts:
                found.setdefault(boost.action, []).append((rule, boost.by))
        return found


class Concludes(Protocol):
    """The rules of a plan, ready to be asked. `engine` is who answers; `failures` counts the answers that it owed."""

    @property
    def engine(self) -> str: ...

    @property
    def failures(self) -> int: ...

    def conclude(self, scope: Scope) -> Conclusions: ...


class NoRules:
    """A plan without rules."""

    engine = ""
    failures = 0

    def conclude(self, scope: Scope) -> Conclusions:
        return Conclusions()


NO_RULES = NoRules()


class Belief(Struct, frozen=True, gc=False):
    """How likely an action is accepted, and how that was found.

    What is learned is believed as Beta(`wins`, `losses`), what it began with included; both are 0 for a propensity
    that is written. `drawn`: the propensity is a draw from it, and not its mean.
    """

    propensity: float
    why: str
    wins: float = 0.0
    losses: float = 0.0
    drawn: bool = False

    @property
    def mean(self) -> float:
        return self.wins / (self.wins + self.losses) if self.wins + self.losses else self.propensity


class Factors(Struct, frozen=True, gc=False):
    """What made a score: propensity x context x value x boost. `belief` is what the propensity comes from."""

    propensity: float
    context: float
    value: float
    boost: float
    why: tuple[str, ...] = ()
    belief: Belief = Belief(0.0, "")

    @property
    def score(self) -> float:
        return self.propensity * self.context * self.value * self.boost


class Ranked(Struct, frozen=True, gc=False):
    """An action of an answer. `kept`: it was shown before, and stays the answer for a while. `lot`: chance alone put it
    first, so that it is shown to somebody; `chance`: chance gave it its place, for a customer of the control group."""

    action: Action
    factors: Factors
    kept: bool = False
    lot: bool = False
    chance: bool = False


class Removed(Struct, frozen=True, gc=False):
    """An action that is not in the answer: the stage that took it out, what was observed, the rule and its place.

    `rule` is the contact policy's word (suppressed, consent, rest, cap, ...), else the stage.
    """

    action: str
    stage: str
    observed: str
    place: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one placement is told. `fallback`: nothing was left, and this is what it shows then.

    `arm` is `treated`, or what the customer gets as one of the control group (random, fallback, nothing); '' where
    the policies have no such group.
    `segment` is the customer's for learning, `snapshot` the number of what had been learned.
    `behind` are those that would have come next, had there been room; `explore` the share of the days on which a lot
    decides who comes first.
    """

    placement: str
    ranked: tuple[Ranked, ...]
    removed: tuple[Removed, ...]
    conclusions: Conclusions = Conclusions()
    fallback: bool = False
    arm: str = ""
    segment: str = ""
    snapshot: int = 0
    behind: tuple[Ranked, ...] = ()
    explore: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: where, in what context (what the channel app says of the moment), and how many at most.

    `via`: the answer is to leave as a message by one of these channels, the one named `message` when there is one
    already. `silent`: nobody will see it, for the customer is held out.
    `without`: actions that cannot be shown, as whoever asks has found out, and why. `brief`: nobody reads why an
    action is left out, so that what is `removed` comes without words, and without what is made for other places.
    `nobody` stands for the customer where chance asks and nobody knows who it is: else all of these would be one.
    """

    placement: str
    context: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    via: tuple[str, ...] = ()
    message: str = ""
    silent: bool = False
    without: Mapping[str, Removed] = field(default_factory=dict)
    brief: bool = False
    nobody: str = ""
