"""How many threads may call a channel's provider at once: few while it answers at once, more when one waits for it.

A thread more helps only while others wait for a provider. Against one that answers within a few
milliseconds they only take the interpreter from each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

QUICK_SECONDS = 0.005
FEW = 2
WEIGHT = 0.05  # of the latest call in the average


class Pace:
    """The calls of one channel in this process. Threads share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._rounds = 0
        self._average = 0.0
        self._open: dict[int, float] = {}

    @contextmanager
    def room(self) -> Iterator[bool]:
        """Whether one more slice of work may run now."""
        with self._lock:
            free = self._rounds < (self.most if self._slow() else min(FEW, self.most))
            self._rounds += free
        try:
            yield free
        finally:
            with self._lock:
                self._rounds -= free

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around a call of the provider."""
        me, begun = threading.get_ident(), time.monotonic()
        self._open[me] = begun
        try:
            yield
        finally:
            del self._open[me]
            self._average += WEIGHT * (time.monotonic() - begun - self._average)

    def quick(self) -> bool:
        """Whether the provider answers at once, as far as is known."""
        return not self._slow()

    def _slow(self) -> bool:
        now = time.monotonic()
        return self._average > QUICK_SECONDS or any(now - at > QUICK_SECONDS for at in [*self._open.values()])


_paces: dict[str, Pace] = {}
_making = threading.Lock()


def pace_of(channel: str, most: int | None = None) -> Pace:
    """The pace of a channel in this process; `most` changes how many threads it allows."""
    known = _paces.get(channel)
    if known is not None and most is None:  # each call of a provider asks
        return known
    with _making:
        pace = _paces.setdefault(channel, Pace(FEW))
        if most is not None:
            pace.most = most
        return pace
