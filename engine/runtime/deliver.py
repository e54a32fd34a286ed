"""Delivering one channel: a slice of work that lets due messages leave, the most urgent class first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from engine.model.ids import shard_of
from engine.runtime import keys, points
from engine.runtime.bells import Bells
from engine.runtime.leaving import Leaving
from engine.runtime.meters import meters
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
    work.all_of(keys.EVERY_SHARD if shard is None else [shard])
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

    def all_of(self, shards: Sequence[int]) -> list[int]:
        """Let everything leave that is due in these shards; those that are to be looked at again when the time is
        over before."""
        left = list(shards)
        while left and time.monotonic() < self.until:
            left = self._once(left)
        return left

    def _once(self, shards: Sequence[int]) -> list[int]:
        """Go through these shards once, class by class; those to be looked at again."""
        now = self.leaving.pulse().time.now()
        looks = self.store.shards.look([self.channel], shards)
        again: set[int] = set()
        for klass in keys.KLASSES:
            firsts = {look.shard: look.outs.get((self.channel, klass)) for look in looks}
            due = [shard for shard, first in firsts.items() if first is not None and first <= now]
            again.update(due)
            if not self._empty(due, klass):
                return list(shards) if time.monotonic() >= self.until else []  # else the ticker rings again
        return list(again)

    def _empty(self, shards: Sequence[int], klass: str) -> bool:
        """Deal with one class of outboxes until nothing in them is due; False when no more may leave now."""
        left = list(shards)
        while left:
            if time.monotonic() >= self.until:
                return False
            places, left = left[:BATCH], left[BATCH:]
            most = self._rooms(places, klass)
            if most is None:
                return False
            if not most:
                continue
            granted, before = sum(most.values()), self.leaving.sent
            some = {shard: count for shard, count in most.items() if count}
            claims = self.store.shards.claim(some, self.channel, klass, self.leaving.pulse().time.now())
            points.at("deliver.claimed")
            try:
                named = span("deliver", channel=self.channel, klass=klass, shards=len(some), messages=len(claims))
                with named, meters().together():
                    self.leaving.batch(claims)
            finally:
                self._give_back(granted - (self.leaving.sent - before), klass)
            self.done += len(claims)
            taken = Counter(shard_of(claim.profile) for claim in claims)
            left += [shard for shard in most if taken[shard] == most[shard]]
        return True

    def _rate(self) -> float | None:
        return self.leaving.running().plan.policies.rates.get(self.channel)

    def _rooms(self, shards: Sequence[int], klass: str) -> dict[int, int] | None:
        """How many messages may leave from each outbox now; none when none is due any more, None when none may
        within this slice."""
        rate = self._rate()
        if not rate:
            return dict.fromkeys(shards, max(1, BATCH // len(shards)))
        while True:
            due = self.store.shards.due(shards, self.channel, klass, self.leaving.pulse().time.now())
            wanted = min(BATCH, sum(due.values()))
            if not wanted:
                return {}
            granted, wait, urgent = self.store.tokens(self.channel, rate, _burst(rate), wanted, klass)
            if granted:
                return _shared_out(granted, due)
            if urgent or time.monotonic() + wait / 1000 >= self.until:
                return None  # who waits for more urgent ones keeps no thread from them
            time.sleep(wait / 1000)

    def _give_back(self, unused: int, klass: str) -> None:
        rate = self._rate()
        if rate and unused > 0:
            self.store.tokens(self.channel, rate, _burst(rate), -unused, klass)


def _burst(rate: float) -> float:
    return max(1.0, rate * BURST_SECONDS)


def _shared_out(granted: int, due: Mapping[int, int]) -> dict[int, int]:
    """`granted` messages, over the outboxes in their order; 0 for one that has to wait."""
    most = {}
    for shard, count in due.items():
        if count:
            most[shard] = min(count, granted)
            granted -= most[shard]
    return most
