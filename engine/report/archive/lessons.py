"""What had been learned of actions by a decision of the past: snapshots by number, made again as they were made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from engine.decide.contextual import with_changes
from engine.decide.learning import Parcel, learn
from engine.decide.thompson import Thompson
from engine.model.action import Action, Belief
from engine.model.learned import NOTHING_YET, Snapshot, Tried
from engine.runtime.learned import Lesson

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVERY = 16  # snapshots: one of so many is remembered
_read = msgspec.json.Decoder(Lesson).decode


class PastLessons:
    """The lessons of an archive."""

    def __init__(self, db: DuckDBPyConnection) -> None:
        rows = db.execute("SELECT given FROM lessons ORDER BY segment, logged, n").fetchall()
        self._lessons = [_read(row[0]) for row in rows]
        self._kept: list[Snapshot] = []
        self.at = lru_cache(maxsize=64)(self._at)

    @property
    def last(self) -> int:
        """The number of the last snapshot; 0 when there was none."""
        return max((each.number for each in self._lessons), default=0)

    def _at(self, number: int) -> Thompson:
        """What was learned by the snapshot of this number."""
        if not self._kept:
            snapshot = NOTHING_YET
            self._kept = [snapshot]
            for place, lesson in enumerate(self._lessons, start=1):
                snapshot = _after(snapshot, lesson)
                if place % EVERY == 0:
                    self._kept.append(snapshot)
        first = bisect_right([each.number for each in self._kept], number) - 1
        snapshot = self._kept[first]
        for lesson in self._lessons[first * EVERY :]:
            if lesson.number > number:
                break
            snapshot = _after(snapshot, lesson)
        return Thompson(snapshot)


def _after(before: Snapshot, lesson: Lesson) -> Snapshot:
    """Two who made one at the same time gave both the same number."""
    if lesson.whole is not None:
        return lesson.whole

    def weights(before: Snapshot, tried: Sequence[Tried]) -> dict[str, float]:
        return with_changes(before.weights, lesson.weights)

    made = learn(before, lesson.parcels, lesson.at, lesson.half_life, weights)
    return replace(made, number=max(before.number, lesson.number))


def all_of(tried: dict[int, list[Tried]], number: int, now: int, half_life: int) -> Lesson:
    """One lesson of everything that was ever tried, by shard."""
    parcels = [Parcel(shard, 1, tuple(found)) for shard, found in tried.items()]
    whole = replace(learn(NOTHING_YET, parcels, now, half_life), number=number, marks={})
    return Lesson(number, now, half_life, [], whole)


class Learned:
    """What a decision of the past may ask of what was learned; nothing is made before it asks."""

    draws = True

    def __init__(self, lessons: PastLessons, number: int) -> None:
        self._lessons, self.number = lessons, number

    def belief(self, look: Any, action: Action) -> Belief:
        """As the snapshot of this number had it."""
        return self._lessons.at(self.number).belief(look, action)

    def beliefs(self, look: Any) -> Callable[[Action], Belief]:
        """The same of many."""
        return self._lessons.at(self.number).beliefs(look)

    def first(self, look: Any, action: Action) -> int | None:
        """When the action was shown first, by then."""
        return self._lessons.at(self.number).first(look, action)
