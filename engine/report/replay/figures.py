"""Figures of a what-if: what stands in its tables, and what a condition of CI may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from engine.define.workspace import Compiled
from engine.model.record import Kind
from engine.report.archive.plans import Released
from engine.report.replay.compare import Compared
from engine.report.replay.line import Figure, Line

KINDS = get_args(Kind)
# Figures of the comparison itself: there is nothing that they were.
BETWEEN: Mapping[str, Callable[[Compared], int]] = {
    "gone": lambda found: len(Changes.of(found).gone),
    "new": lambda found: len(Changes.of(found).new),
    "shifted": lambda found: len(Changes.of(found).shifted),
    "reworded": lambda found: sum(found.reworded.values()),
    "unrenderable": lambda found: sum(found.unrendered.values()),
    "differences": lambda found: len(found.differences),
    "customers": lambda found: len(found.differing),
    "faults": lambda found: len(found.faults),
}
DIMENSIONS = ("journey", "message", "channel", "reason")  # of a Figure, after its kind


@dataclass(frozen=True)
class Names:
    """What figures may be broken down by: journeys and messages of the draft and of then, channels."""

    journey: frozenset[str]
    message: frozenset[str]
    channel: frozenset[str]

    @classmethod
    def of(cls, draft: Compiled, released: Mapping[str, Released]) -> Names:
        """Those of a draft, and of the plans of an archive."""
        prefix, suffix = "templates/messages/", ".j2"
        sources = {name for each in released.values() for name in each.sources} | set(draft.sources)
        return cls(
            frozenset({name for each in released.values() for name in each.journeys} | set(draft.plan.journeys)),
            frozenset(name.removeprefix(prefix).removesuffix(suffix) for name in sources if name.startswith(prefix)),
            frozenset(draft.plan.channels),
        )


@dataclass
class Changes:
    """Messages that left then and would not (gone), would and did not (new), or would leave at another time or by
    another channel (shifted: as it was, as it would be)."""

    gone: list[Line] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)
    shifted: list[tuple[Line, Line]] = field(default_factory=list)

    @classmethod
    def of(cls, found: Compared) -> Changes:
        """Those of a comparison, in the order of time."""
        was: dict[str, list[Line]] = {}
        would: dict[str, list[Line]] = {}
        for each in found.differences:
            if each.line.kind == "sent":
                (was if each.side == "was" else would).setdefault(each.line.id, []).append(each.line)
        made = cls()
        for id_, lines in was.items():
            others = would.pop(id_, [])
            made.shifted += zip(lines, others, strict=False)
            made.gone += lines[len(others) :]
            made.new += others[len(lines) :]
        made.new += [line for lines in would.values() for line in lines]
        made.new.sort(key=lambda line: (line.at, line.id))
        return made


def total(counts: Counter[Figure], kind: str, only: Mapping[str, str]) -> int:
    """How many of a kind, where each of `only` (dimension -> name) is so."""
    places = [(1 + DIMENSIONS.index(name), value) for name, value in only.items()]
    return sum(n for each, n in counts.items() if each[0] == kind and all(each[at] == value for at, value in places))
