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
    """Learned of at any time: whoever asks has a time, and is told what was known by then.

    `draws` False: propensities are the means of what was learned, and chance has no part in an answer.
    """

    def __init__(self, half_life: int, *, draws: bool = True) -> None:
        self._half_life, self.draws = half_life, draws
        self._newest = Thompson(NOTHING_YET, draws=draws)
        self._tried: list[Tried] = []
        self._parcels = 0
        self._looked = -EVERY

    def add(self, tried: Iterable[Tried]) -> None:
        """What a commit has counted."""
        self._tried += tried

    @property
    def number(self) -> int:
        return self._newest.number

    def belief(self, look: Look, action: Action) -> Belief:
        return self.newest(look.now).belief(look, action)

    def beliefs(self, look: Look) -> Callable[[Action], Belief]:
        return self.newest(look.now).beliefs(look)

    def first(self, look: Look, action: Action) -> int | None:
        return self.newest(look.now).first(look, action)

    def newest(self, now: int) -> Thompson:
        """What was learned by engine time `now` (ms): what is newer than `EVERY` may not be part of it yet."""
        if not 0 <= now - self._looked < EVERY:
            self._look(now)
        return self._newest

    def _look(self, now: int) -> None:
        before, self._looked = self._newest.snapshot, now
        self._parcels += 1
        tried, self._tried = tuple(self._tried), []
        parcels = [Parcel(0, self._parcels, tried)] if tried else []
        after = learn(before, parcels, now, self._half_life)
        if after is not before:
            self._newest = Thompson(after, draws=self.draws)
