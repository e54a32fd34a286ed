"""What was counted becomes the next snapshot: pure, so that the simulator learns as production does.

A count loses half of its weight in each half-life, by whole UTC days. So it does not matter in which order parcels
are taken, into how many they are divided, or how often snapshots are made in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.model.learned import NOTHING, Cell, Count, Snapshot, Tried
from engine.model.span import DAY

# A cell that has faded to this many showings says nothing any more.
FORGOTTEN = 0.01


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a shard has counted since its last parcel, by `number` which only grows."""

    shard: int
    number: int
    tried: tuple[Tried, ...]


def faded(days: int, half_life: int) -> float:
    """What is left of a count after whole days; `half_life` in ms."""
    return float(0.5 ** (days * DAY / half_life))


# What was learned, and what was tried since -> the weights of the contextual model.
Trains = Callable[[Snapshot, Sequence[Tried]], Mapping[str, float]]


def learn(
    before: Snapshot, parcels: Iterable[Parcel], now: int, half_life: int, trains: Trains | None = None
) -> Snapshot:
    """The snapshot after `before` at engine time `now` (ms): the same one when nothing has changed.

    A parcel that was taken before is not taken again. Without `trains` there are no weights.
    """
    new = [parcel for parcel in parcels if parcel.number > before.marks.get(parcel.shard, 0)]
    tried = [each for parcel in new for each in parcel.tried]
    day = max(before.day, now // DAY, *(each.day for each in tried)) if tried else max(before.day, now // DAY)
    if not new and (day == before.day or not before.cells):
        return before
    rest = faded(day - before.day, half_life) if before.cells else 1.0
    cells = dict(before.cells)
    if rest != 1.0:
        cells = {name: count.times(rest) for name, count in cells.items()}
    first = dict(before.first)
    for each in tried:
        cells[each.cell] = cells.get(each.cell, NOTHING).plus(_worth(each, day, half_life))
        action = Cell.parse(each.cell).action
        first[action] = min(first.get(action, each.day), each.day)
    cells = {name: count for name, count in cells.items() if count.shown >= FORGOTTEN}
    marks = {**before.marks, **{parcel.shard: parcel.number for parcel in new}}
    weights = trains(before, tried) if trains is not None else {}
    return Snapshot(before.number + 1, now, day, cells, _known(first, cells), marks, weights)


def _worth(tried: Tried, day: int, half_life: int) -> Count:
    return Count(tried.shown, tried.accepted).times(faded(day - tried.day, half_life))


def _known(first: Mapping[str, int], cells: Iterable[str]) -> dict[str, int]:
    """Actions of which everything is forgotten are new again."""
    known = {Cell.parse(name).action for name in cells}
    return {action: day for action, day in first.items() if action in known}
