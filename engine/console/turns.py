"""Whose turn it is: pages are made by a few threads of their own, so that they take none from what shops ask."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, to_thread
from starlette.requests import Request

from engine.api.problem import Refused
from engine.console.words import N_

AT_ONCE = 3  # pages that are made at the same time: a page is work, and waits little
LIVE_AT_ONCE = 2  # and looks of pages that change by themselves: they can wait
WAITING = 200  # requests that wait for their turn, of everybody
WAITING_EACH = 16  # of one session: a browser asks for six at a time

T = TypeVar("T")


class Left(Exception):
    """Whoever asked has gone before it was their turn."""


class Turns:
    """The turns of one process. Made outside of its loop; used inside."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = Semaphore(at_once)
        self._threads = CapacityLimiter(math.inf)  # the room is what bounds them
        self._asked: Counter[str] = Counter()

    async def take(self, who: str, do: Callable[[], T], request: Request | None = None) -> T:
        """What `do` gives, done in a thread when it is the turn of `who`. Nothing is done for who left meanwhile.

        Raises Refused 503 (too much waits), 429 (too much of `who`), Left, and what `do` raises.
        """
        if self._asked.total() >= WAITING:
            raise Refused(503, "Busy", N_("Too much is asked at once: look again in a moment."))
        if self._asked[who] >= WAITING_EACH:
            raise Refused(429, "Too often", N_("Too much is asked at once: look again in a moment."))
        self._asked[who] += 1
        try:
            async with self._room:
                if request is not None and await request.is_disconnected():
                    raise Left
                return await to_thread.run_sync(do, limiter=self._threads)
        finally:
            self._asked[who] -= 1
            if not self._asked[who]:
                del self._asked[who]
