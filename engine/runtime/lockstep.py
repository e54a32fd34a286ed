"""Lockstep: real workers in virtual time.

The clock is held, and moves only to the next instant at which something is due, and only when nothing is
left to do at the present one: inboxes, due timers, due messages and messages being sent are all gone. At one
instant events go first: no worker wakes a timer before they are in. So a live replay makes the decisions of the
simulator, to the millisecond.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.channels import OUTBOXES
from engine.model.errors import SetupError
from engine.model.event import Event
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.shard_data import Look

LOOK_SECONDS = 0.002  # between looks, growing to
LONGEST_LOOK_SECONDS = 0.05


class Lockstep:
    """Drives one installation through virtual time, for demos and tests. Nobody else may move its clock.

    `work` does what is due in this process (`pump.drain`); without it real workers are awaited.
    """

    def __init__(self, engine: Engine, start: int, work: Callable[[Engine], int] | None = None) -> None:
        self._engine, self._work = engine, work
        self._clock = Clock(engine.store)
        self._channels = OUTBOXES
        self.now = start
        self._clock.hold(start)

    def feed(self, events: Sequence[Event], timeout: float = 60.0) -> None:
        """Bring events in at their arrival (`received`, in order); those of one instant go in together."""
        first = 0
        while first < len(events):
            at = max(self.now, events[first].received)
            self.run_until(at - 1, timeout)
            self.now = at
            self._clock.hold(at, events_first=True)
            after = first
            while after < len(events) and events[after].received <= at:
                after += 1
            self._engine.accept(events[first:after])
            looks = self.wait_idle(timeout, timers=at - 1)
            self._clock.hold(at)
            self._ring(looks)
            first = after
        self.wait_idle(timeout)

    def run_until(self, until: int, timeout: float = 60.0) -> None:
        """Do everything due up to `until` (epoch ms), each thing at its own instant; then stand there."""
        looks = self.wait_idle(timeout)
        while True:
            due = min((each for look in looks if (each := look.next_due()) is not None), default=None)
            if due is None or due > until:
                break
            self._move(max(due, self.now))
            self._ring(looks)
            looks = self.wait_idle(timeout)
        self._move(until)

    def wait_idle(self, timeout: float = 60.0, timers: int | None = None) -> list[Look]:
        """Wait until nothing is left to do at this instant (of timers, up to `timers`); what the shards look like.

        Raises SetupError after `timeout` seconds (are there workers?).
        """
        if self._work is not None:
            self._work(self._engine)
        until, pause = time.monotonic() + timeout, LOOK_SECONDS
        while True:
            looks = self._engine.store.shards.look(self._channels)
            busy = [look for look in looks if not look.idle(self.now, timers)]
            if not busy:
                return looks
            if time.monotonic() > until:
                raise SetupError(
                    f"After {timeout:g} seconds {len(busy)} shards still have work. Are workers running? "
                    f"The first one: {busy[0]}"
                )
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)

    def _move(self, at: int) -> None:
        if at > self.now:
            self.now = at
            self._clock.hold(at)

    def _ring(self, looks: Sequence[Look]) -> None:
        """Ring for what has come due, instead of waiting for the ticker."""
        self._engine.bells.advance(look.shard for look in looks if look.advance_due(self.now))
        self._engine.bells.deliver(
            (channel, look.shard) for look in looks for channel in sorted(look.channels_due(self.now))
        )
