"""Delivering one channel: a slice of work that lets due messages leave, the most urgent class first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.runtime import keys, points
from engine.runtime.bells import Bells
from engine.runtime.leaving import Leaving
from engine.runtime.plans import PlanSource
from engine.runtime.senders import Senders
from engine.runtime.spans import span
from engine.runtime.store import Store

SLICE_SECONDS = 1.0
BATCH = 20  # few: what a dead worker had claimed waits for its lease to end
BURST_SECONDS = 0.25


def deliver(
    store: Store,
    plans: PlanSource,
    senders: Senders,
    bells: Bells,
    channel: str,
    shard: int | None = None,
    *,
    seconds: float = SLICE_SECONDS,
) -> int:
    """Let due messages of one channel leave for about `seconds`; how many rows were dealt with.

    With `shard` only there, which is cheap; without it everywhere, the most urgent of all shards first.
    """
    work = Delivery(store, plans, senders, channel, time.monotonic() + seconds)
    if shard is not None:
        work.run([shard])
    else:
        work.all_of(keys.EVERY_SHARD)
    bells.deliver(work.leaving.rows)
    return work.done


class Delivery:
    """A slice of work on one channel, until `until` (monotonic seconds). Raises SetupError when the channel is
    not set up, before anything is claimed."""

    def __init__(self, store: Store, plans: PlanSource, senders: Senders, channel: str, until: float) -> None:
        self.leaving, self.channel, self.until = Leaving(store, plans, senders, channel), channel, until
        self.store = store
        self.done = 0
        self.leaving.providers()

    def all_of(self, shards: Sequence[int]) -> bool:
        """Go through these shards until nothing is due there; False when the time is over before."""
        while time.monotonic() < self.until:
            if not self.run(shards):
                return time.monotonic() < self.until
        return False

    def run(self, shards: Sequence[int]) -> bool:
        """Go through these shards once, class by class; whether anything was due."""
        now = self.leaving.pulse().time.now()
        looks = self.store.shards.look([self.channel], shards)
        before = self.done
        for klass in keys.KLASSES:
            for look in looks:
                first = look.outs.get((self.channel, klass))
                if first is not None and first <= now and not self._empty(look.shard, klass):
                    return False
        return self.done > before

    def _empty(self, shard: int, klass: str) -> bool:
        """Deal with one outbox until nothing in it is due; False when the time is over."""
        while time.monotonic() < self.until:
            granted = self._tokens(shard, klass)
            if not granted:
                return granted is None
            before = self.leaving.sent
            claims = self.store.shards.claim(shard, self.channel, klass, self.leaving.pulse().time.now(), granted)
            points.at("deliver.claimed")
            try:
                with span("deliver", channel=self.channel, klass=klass, shard=shard, messages=len(claims)):
                    self.leaving.batch(claims)
            finally:
                self._give_back(granted - (self.leaving.sent - before), klass)
            self.done += len(claims)
            if len(claims) < granted:
                return True
        return False

    def _rate(self) -> float | None:
        return self.leaving.running().plan.policies.rates.get(self.channel)

    def _tokens(self, shard: int, klass: str) -> int | None:
        """How many messages may leave now; 0 when none may within this slice, None when none is due any more."""
        rate = self._rate()
        if not rate:
            return BATCH
        while True:
            wanted = min(BATCH, self.store.shards.due(shard, self.channel, klass, self.leaving.pulse().time.now()))
            if not wanted:
                return None
            granted, wait, urgent = self.store.tokens(self.channel, rate, _burst(rate), wanted, klass)
            if granted:
                return granted
            if urgent or time.monotonic() + wait / 1000 >= self.until:
                return 0  # who waits for more urgent ones keeps no thread from them
            time.sleep(wait / 1000)

    def _give_back(self, unused: int, klass: str) -> None:
        rate = self._rate()
        if rate and unused > 0:
            self.store.tokens(self.channel, rate, _burst(rate), -unused, klass)


def _burst(rate: float) -> float:
    return max(1.0, rate * BURST_SECONDS)
