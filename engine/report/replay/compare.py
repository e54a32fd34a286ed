"""Two worlds side by side: what they have in common is counted, what they have not is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.model.record import Told
from engine.report.replay.line import Figure, Line, figure

Side = Literal["was", "would"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that was and would not be, or would be and was not."""

    side: Side
    line: Line


@dataclass
class Compared:
    """Customers, and what came of them.

    was, would   how many of each figure (kind, journey, message, channel, rule)
    differences  in the order of time
    customers    who had part in it;  differing  those with a difference
    labels       what those with a difference are called
    reworded     (message, channel): sent as then, with other words
    left_out     reactions that are not counted, by event;  unknown  events that the draft does not know
    unrendered   (message, channel, place, reason): cannot be rendered
    faults       what the draft fails on;  astray  outcomes that are decided otherwise today under the plans of then
    told_was, told_would  timelines (profile, line), where they were asked for
    """

    was: Counter[Figure] = field(default_factory=Counter)
    would: Counter[Figure] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    customers: int = 0
    differing: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    reworded: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unrendered: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    astray: int = 0
    told_was: list[tuple[str, Told]] = field(default_factory=list)
    told_would: list[tuple[str, Told]] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        """Those of another part."""
        for name in ("was", "would", "reworded", "left_out", "unknown", "unrendered"):
            getattr(self, name).update(getattr(other, name))
        for name in ("differences", "faults", "told_was", "told_would"):
            getattr(self, name).extend(getattr(other, name))
        self.customers += other.customers
        self.differing |= other.differing
        self.labels |= other.labels
        self.astray += other.astray

    def sort(self) -> None:
        """Bring what came from several parts into one order."""
        self.differences.sort(key=lambda each: (each.line.at, each.line.profile, each.side))
        self.faults.sort()


def apart(was: Sequence[Line], would: Sequence[Line]) -> list[Difference]:
    """What stands in only one of the two; how often something stands there counts."""
    left = Counter(was)
    found = []
    for line in would:
        if left[line] > 0:
            left[line] -= 1
        else:
            found.append(Difference("would", line))
    return [*(Difference("was", line) for line in left.elements()), *found]


def counted(lines: Iterable[Line]) -> Counter[Figure]:
    """How many of each figure."""
    return Counter(map(figure, lines))
