"""Writing what is behind the answers from the event loop that gives them, a little at a time.

A thread that packs records takes the processor from the loop for milliseconds, whenever it likes. Here a slice of a
millisecond follows an answer that has been given; then the loop looks whether somebody asks.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time

from engine.runtime import keys
from engine.runtime.asking.behind import BATCH, EVERY_SECONDS, MOST_WAITING, Behind
from engine.runtime.asking.line import Line
from engine.runtime.asking.written import Told, keep_command, told_call
from engine.runtime.bundles import bundles
from engine.runtime.store import StoreError

log = logging.getLogger("parcours.decisions")

SLICE = 0.001  # seconds
MANY_WAIT = 500  # records that wait: then slices are longer, for whoever asks could outrun them for ever
WRITE_SECONDS = 5.0
AGAIN = 1.0  # seconds after which it is tried again


class Slices:
    """Writes what `behind` is given, by `line`; belongs to the running loop."""

    def __init__(self, behind: Behind, line: Line) -> None:
        self._behind, self._line = behind, line
        self._loop = asyncio.get_running_loop()
        self._home = threading.get_ident()
        self._ready: list[Told] = []
        self._called = False  # a slice is to come
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        behind.leave_to(self.soon)

    def soon(self) -> None:
        """There is something to write."""
        if not self._called:
            self._called = True
            if threading.get_ident() == self._home:
                self._loop.call_soon(self._slice)
            else:
                self._loop.call_soon_threadsafe(self._slice)

    async def close(self) -> None:
        """Write what is left, as far as the store takes it."""
        self._behind.leave_to(None)
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=WRITE_SECONDS)
        self._ready += [told_call(each, self._behind.timeline) for each in iter(self._behind.next, None)]
        if self._ready or self._behind.answers():
            await self._write(again=False)

    def _slice(self) -> None:
        self._called = False
        behind, ready = self._behind, self._ready
        until = time.perf_counter() + (SLICE if behind.waiting() < MANY_WAIT else 10 * SLICE)
        while (each := behind.next()) is not None:
            ready.append(told_call(each, behind.timeline))
            if time.perf_counter() > until:
                break
        if behind.waiting():
            self.soon()
        if len(ready) >= BATCH:
            self._begin()
        else:
            self._after(EVERY_SECONDS)  # so that many are written together

    def _after(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._begin)

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is None or self._writing.done():
            self._writing = self._loop.create_task(self._write())
        else:
            self._after(EVERY_SECONDS)

    async def _write(self, *, again: bool = True) -> None:
        batch, self._ready = self._ready, []
        answers = self._behind.answers()
        commands = [keep_command(request, answer) for request, answer in answers.items()]
        commands += bundles("told", [each.call for each in batch])
        if not commands:
            return  # the write before has taken them along
        try:
            said = await self._line.ask(commands, self._loop.time() + WRITE_SECONDS)
            if any(isinstance(each, StoreError) for each in said):  # the client of threads knows what to do about it
                await self._loop.run_in_executor(None, self._behind.write, batch, answers)
                said = []
            self._behind.kept(answers)
            written = [ok for part in said[len(answers) :] for ok in part]
            gone = [each.request for each, ok in zip(batch, written, strict=False) if not ok and each.request]
            if gone:  # erased, or merged into another, while it was on its way
                await self._line.ask([("DEL", keys.request(name)) for name in gone], self._loop.time() + WRITE_SECONDS)
        except (StoreError, TimeoutError) as fault:
            if not again:
                log.warning("%d decisions were not written: %s", len(batch), fault)
                return
            log.warning("%d decisions wait to be written: %s", len(batch) + len(self._ready), fault)
            self._ready[:0] = batch[-MOST_WAITING:]
            self._after(AGAIN)
