"""Conditions as data: the tree a marketer's line becomes, and what it is asked about.

The grammar and the compiler live with the definitions; here is only what the core needs in order
to ask. A missing value or a value of the wrong type makes every comparison false (also `is not`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.model.problem import Place
from engine.model.profile import Past

EMPTY: Mapping[str, Any] = {}


def nobody() -> Mapping[str, Any]:
    """Reach where there is no customer to reach."""
    return EMPTY


class Scope:
    """What one condition can see. `now` is epoch ms; `skip` the id of an event that look-backs leave out;
    `zone` the customer's time zone; `reaches` finds out, when it is asked, what `reach` is."""

    __slots__ = (
        "context",
        "customer",
        "event",
        "history",
        "marks",
        "now",
        "objects",
        "reaches",
        "segments",
        "skip",
        "start",
        "zone",
    )

    def __init__(
        self,
        *,
        now: int,
        customer: Mapping[str, Any] = EMPTY,
        event: Mapping[str, Any] = EMPTY,
        start: Mapping[str, Any] = EMPTY,
        context: Mapping[str, Any] = EMPTY,
        objects: Mapping[str, Mapping[str, Any]] = EMPTY,
        history: Mapping[str, Sequence[Past]] = EMPTY,
        segments: frozenset[str] = frozenset(),
        marks: frozenset[str] = frozenset(),
        skip: str = "",
        zone: str = "UTC",
        reaches: Callable[[], Mapping[str, Any]] = nobody,
    ) -> None:
        self.now = now
        self.customer = customer
        self.event = event
        self.start = start
        self.context = context
        self.objects = objects
        self.history = history
        self.segments = segments
        self.marks = marks
        self.skip = skip
        self.zone = zone
        self.reaches = reaches

    @property
    def reach(self) -> Mapping[str, Any]:
        """Purpose -> channels by which a message of it may reach the customer now."""
        return self.reaches()


@dataclass(frozen=True, slots=True)
class Path:
    """`basket.total`: root and names. Root '' is the item or event that a `where` looks at."""

    root: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.root, *self.names) if self.root else self.names)


@dataclass(frozen=True, slots=True)
class Literal:
    """A written value: text, number or yes/no."""

    value: str | float | bool

    def __str__(self) -> str:
        return {True: "yes", False: "no"}[self.value] if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; op is one of is, is not, <, <=, >, >=, contains, starts with."""

    left: Path
    op: str
    right: Literal | Path


@dataclass(frozen=True, slots=True)
class Among:
    """`left in [a, b]` or `left not in [a, b]`."""

    left: Path
    items: tuple[Literal | Path, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """`path is known` or `path is unknown`."""

    left: Path
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AnyItem:
    """`any event.lines where category is boots` (or `no event.lines where ...`)."""

    path: Path
    where: Node | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """`order_placed where total > 100 at least 3 times in last 90d`; `window` in ms, None = all that is kept.

    `since` (epoch ms) is where the event's history begins, if it does: while the window reaches back beyond it
    nobody can tell, and neither this nor its opposite holds.
    """

    event: str
    where: Node | None
    op: str
    count: int
    window: int | None
    including: bool = False
    since: int | None = None

    def uncovered(self, now: int) -> bool:
        """Does the window reach back beyond the history at `now`?"""
        return self.since is not None and self.window is not None and now - self.window < self.since


@dataclass(frozen=True, slots=True)
class Named:
    """`segment vip`, `mark vip`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Anniversary:
    """`anniversary of customer.birthday`: today, on the customer's clock, is that day of the year."""

    left: Path


@dataclass(frozen=True, slots=True)
class Both:
    """All of `parts` hold (`op` = and), or any of them (`op` = or)."""

    op: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not (...)`: turns a result round."""

    part: Node


Node = Compare | Among | Known | AnyItem | Happened | Named | Anniversary | Both | Negation


@dataclass(frozen=True, slots=True)
class Condition:
    """One line, compiled. `holds` never raises; `why` says in words what was seen."""

    text: str
    place: Place
    node: Node
    holds: Callable[[Scope], bool]
    why: Callable[[Scope], str]


@dataclass(frozen=True, slots=True)
class Timed:
    """A look-back that time alone can change: when an event leaves its window (ms), when history covers it."""

    event: str
    window: int
    since: int | None = None


def timed_in(node: Node) -> set[Timed]:
    """The look-backs with a window in a tree."""
    if isinstance(node, Happened):
        return {Timed(node.event, node.window, node.since)} if node.window is not None else set()
    if isinstance(node, Both):
        return {each for part in node.parts for each in timed_in(part)}
    return timed_in(node.part) if isinstance(node, Negation) else set()


@dataclass(frozen=True, slots=True)
class Segment:
    """A named group of customers: those for whom all lines hold."""

    name: str
    lines: tuple[Condition, ...]
    about: str
    place: Place


@dataclass(frozen=True, slots=True)
class Match:
    """One line of `goal` or `stop_if`: an event (with an optional `where`), or a condition on the state."""

    text: str
    place: Place
    event: str = ""
    where: Condition | None = None
    condition: Condition | None = None
