"""What is learned in virtual time: counted as the shards do, and made a snapshot as often as production makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.decide.learning import Parcel, learn
from engine.decide.look import Look
from engine.decide.thompson import Thompson
from engine.model.action import Action, Belief
from engine.model.learned import NOTHING_YET, Tried
from engine.model.span import SECOND

EVERY = 15 * SECOND


class MemoryLessons:
    """`draws` False: propensities are the means of what was learned, and chance has no part in an answer."""

    def __init__(self, half_life: int, *, draws: bool = True) -> None:
        self._half_life, self._draws = half_life, draws
        self._newest = Thompson(NOTHING_YET, draws=draws)
        self._tried: list[Tried] = []
        self._parcels = 0

    def add(self, tried: Iterable[Tried]) -> None:
        """What a commit has counted."""
        self._tried += tried

    def newest(self, now: int) -> Thompson:
        """What was learned by engine time `now` (ms): what is newer than `EVERY` may not be part of it yet."""
        before = self._newest.snapshot
        if now - before.at < EVERY and before.number:
            return self._newest
        self._parcels += 1
        tried, self._tried = tuple(self._tried), []
        parcels = [Parcel(0, self._parcels, tried)] if tried else []
        after = learn(before, parcels, now, self._half_life)
        if after is not before:
            self._newest = Thompson(after, draws=self._draws)
        return self._newest


class Current:
    """What was learned by the moment at which somebody asks; nothing is made of it before."""

    def __init__(self, newest: Callable[[], Thompson]) -> None:
        self._newest = newest

    @property
    def number(self) -> int:
        """The snapshot's number."""
        return self._newest().number

    def belief(self, look: Look, action: Action) -> Belief:
        """How likely the action is accepted."""
        return self._newest().belief(look, action)
