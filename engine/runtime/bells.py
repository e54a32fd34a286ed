"""Doorbells: somebody should look at a shard soon. Losing one loses nothing, the ticker looks anyway."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol


class Bells(Protocol):
    """Where doorbells are rung."""

    def advance(self, shards: Iterable[int]) -> None:
        """These shards have events or due timers."""
        ...

    def deliver(self, rows: Iterable[tuple[str, int]]) -> None:
        """These (channel, shard) have messages that may leave."""
        ...

    def recover(self, shards: Iterable[int]) -> None:
        """These shards have messages whose sender is gone."""
        ...


@dataclass(slots=True)
class Noted:
    """Bells that only remember who rang: for one process that does all the work itself."""

    shards: set[int] = field(default_factory=set)
    rows: set[tuple[str, int]] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)

    def advance(self, shards: Iterable[int]) -> None:
        self.shards.update(shards)

    def deliver(self, rows: Iterable[tuple[str, int]]) -> None:
        self.rows.update(rows)

    def recover(self, shards: Iterable[int]) -> None:
        self.lost.update(shards)
