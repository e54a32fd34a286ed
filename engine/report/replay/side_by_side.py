"""One customer's two timelines, line beside line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.record import Told
from engine.runtime.telling import sentence

if TYPE_CHECKING:
    from engine.report.replay.what_if import WhatIf


@dataclass(frozen=True, slots=True)
class Pair:
    """What happened at an instant (epoch ms) and what would have, as sentences; '' for nothing."""

    at: int
    was: str
    would: str


def side_by_side(found: WhatIf, zone: str = "UTC") -> list[Pair]:
    """The timelines of the customer who was asked for, in the order of time; what is the same stands in one row."""
    was = [_said(told, zone) for _, told in found.found.told_was]
    would = [_said(told, zone) for _, told in found.found.told_would]
    both = Counter(was) & Counter(would)
    left, right = Counter(both), Counter(both)
    rows: list[tuple[int, int, Pair]] = []
    for place, (at, text) in enumerate(was):
        if left[at, text] > 0:
            left[at, text] -= 1
            rows.append((at, place, Pair(at, text, text)))
        else:
            rows.append((at, place, Pair(at, text, "")))
    for place, (at, text) in enumerate(would):
        if right[at, text] > 0:
            right[at, text] -= 1
        else:
            rows.append((at, place, Pair(at, "", text)))
    return [pair for _, _, pair in sorted(rows, key=lambda each: each[:2])]


def _said(told: Told, zone: str) -> tuple[int, str]:
    journey = f"{told.journey}: " if told.journey else ""
    return told.at, f"{journey}{sentence(told, zone)}"
