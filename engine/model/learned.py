"""What was learned of actions: how often they were shown and accepted, where and with whom, as a numbered snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field

from engine.model.action import Action, Belief


class Cell(NamedTuple):
    """What is counted apart: an action at a placement, with the customers of a segment ('' = everybody else)."""

    action: str
    placement: str
    segment: str

    @classmethod
    @lru_cache(maxsize=65_536)  # every snapshot names nearly the same ones again
    def parse(cls, text: str) -> Cell:
        """The cell that `str` has written. Raises ValueError for anything else."""
        action, placement, segment = text.split("|")
        return cls(action, placement, segment)

    def __str__(self) -> str:
        return f"{self.action}|{self.placement}|{self.segment}"


class Count(NamedTuple):
    """Showings, and how many of them were accepted; fractions once they fade."""

    shown: float = 0.0
    accepted: float = 0.0

    def plus(self, other: Count) -> Count:
        return Count(self.shown + other.shown, self.accepted + other.accepted)

    def minus(self, other: Count) -> Count:
        """What is left without `other`, which is a part of this; never below nothing, whatever the rounding."""
        shown = max(self.shown - other.shown, 0.0)
        return Count(shown, min(max(self.accepted - other.accepted, 0.0), shown))

    def times(self, factor: float) -> Count:
        return Count(self.shown * factor, self.accepted * factor)


NOTHING = Count()


class Tried(NamedTuple):
    """What a commit adds to a cell on a UTC day (days since 1970): whole showings, and acceptances of them.

    `traits` are those of the customers for the contextual model, joined by '&'; '' where there is none.
    """

    day: int
    cell: str
    shown: int
    accepted: int
    traits: str = ""


class Snapshot(Struct, frozen=True):
    """What had been learned at engine time `at` (ms). `number` grows with every snapshot; 0: nothing yet.

    `cells` maps `str(Cell)` to its count, faded up to the UTC `day` (days since 1970); `first` an action to the day of
    its first showing; `marks` a shard to the number of the last parcel that was taken from it. `weights` are what the
    contextual model has learned: 'action|trait' -> by how much the log odds differ.
    """

    number: int = 0
    at: int = 0
    day: int = 0
    cells: Mapping[str, Count] = field(default_factory=dict)
    first: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[int, int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)


NOTHING_YET = Snapshot()


class Learned(Protocol):
    """What was learned of actions so far. `look` is the question (engine/decide/look.py)."""

    @property
    def number(self) -> int:
        """The snapshot's; 0 while there is none."""
        ...

    @property
    def draws(self) -> bool:
        """Whether chance has a part in answers: draws, lots, and who sees first what is new."""
        ...

    def belief(self, look: Any, action: Action) -> Belief:
        """How likely the action is accepted by who asks, where they ask."""
        ...

    def beliefs(self, look: Any) -> Callable[[Action], Belief]:
        """The same of many actions in one answer, without the words."""
        ...

    def first(self, look: Any, action: Action) -> int | None:
        """When the action was shown first, to anybody (epoch ms); None while it was not."""
        ...
