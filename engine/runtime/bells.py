"""Doorbells: somebody should look at a shard soon. Losing one loses nothing, the ticker looks anyway."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

ADVANCE = "advance"


def deliver_queue(channel: str) -> str:
    """The queue of a channel's doorbells."""
    return f"deliver.{channel}"


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


class Gathered:
    """Bells that ring later and together: each row once. `flush` rings."""

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._shards: set[int] = set()
        self._rows: set[tuple[str, int]] = set()
        self._since = 0.0

    def advance(self, shards: Iterable[int]) -> None:
        self._note()
        self._shards.update(shards)

    def deliver(self, rows: Iterable[tuple[str, int]]) -> None:
        self._note()
        self._rows.update(rows)

    def recover(self, shards: Iterable[int]) -> None:
        self._bells.recover(shards)

    def age(self) -> float:
        """For how many seconds the first of them has been waiting; 0 when none is."""
        return time.monotonic() - self._since if self._shards or self._rows else 0.0

    def flush(self) -> None:
        """Ring for all that was gathered."""
        shards, self._shards = self._shards, set()
        rows, self._rows = self._rows, set()
        if shards:
            self._bells.advance(shards)
        if rows:
            self._bells.deliver(rows)

    def _note(self) -> None:
        if not self._shards and not self._rows:
            self._since = time.monotonic()
