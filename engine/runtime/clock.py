"""Engine time: the server's time plus a stored offset, or held still. Nothing else reads a clock.

While the clock is held, engine time stands exactly at one instant, so that a live replay and the simulator
agree to the millisecond. Leases and rate limits use the server's own time and never notice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock: server and engine time in epoch ms, and when (monotonic s) it was taken."""

    server: int
    engine: int
    held: bool
    taken: float
    timers: int = 0  # timers due up to here may be woken: engine time, unless events of this very instant come first

    @classmethod
    def of(cls, server: tuple[int, int], offset: bytes | None, held: bytes | None, timers: bytes | None) -> Reading:
        """`server` is Redis' TIME (seconds, microseconds); the others are the fields of the stored clock."""
        now = server[0] * 1000 + server[1] // 1000
        engine = int(held) if held is not None else now + int(offset or 0)
        return cls(now, engine, held is not None, time.monotonic(), engine if timers is None else int(timers))

    def now(self) -> int:
        """Engine time now: this reading, moved on by what has passed here since, unless it is held."""
        return self.engine if self.held else self.engine + int(self.age() * 1000)

    def server_now(self) -> int:
        """Server time now, by this reading."""
        return self.server + int(self.age() * 1000)

    def age(self) -> float:
        """Seconds since the reading was taken."""
        return time.monotonic() - self.taken


def wall() -> float:
    """This machine's wall clock, in seconds: only for signatures, which a receiver compares with his own."""
    return time.time()


class _Store(Protocol):
    def clock(self) -> Reading: ...

    def set_clock(self, *, offset: int | None, held: int | None, timers: int | None = None) -> None: ...


class Clock:
    """The stored clock of an installation, to be read and set."""

    def __init__(self, store: _Store) -> None:
        self._store = store

    def now(self) -> int:
        """Engine time, epoch ms."""
        return self._store.clock().engine

    def hold(self, at: int, *, events_first: bool = False) -> None:
        """Stand still at `at` (epoch ms), or jump there while held. `events_first`: timers due at `at` wait until
        the clock is held there without it."""
        self._store.set_clock(offset=None, held=at, timers=at - 1 if events_first else None)

    def run_from(self, at: int) -> None:
        """Let time run on from `at` (epoch ms)."""
        self._store.set_clock(offset=at - self._store.clock().server, held=None)

    def real(self) -> None:
        """Engine time is the server's time again: what production always has."""
        self._store.set_clock(offset=None, held=None)
