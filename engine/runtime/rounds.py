"""A round: one doorbell, and all the shards that are to be looked at, for about a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.runtime.advance import advance
from engine.runtime.bells import ADVANCE, Bells, Gathered, deliver_queue
from engine.runtime.deliver import Delivery
from engine.runtime.plans import PlanSource
from engine.runtime.senders import Senders
from engine.runtime.store import Store

ROUND_SECONDS = 1.0
SHARE_SECONDS = 0.25  # of one shard, so that a busy one does not keep the others waiting
FLUSH_SECONDS = 0.05  # a message that may leave is made known after this at the latest
SHARE = 8  # shards taken at once; with more than these, somebody else is called to share the work


def advance_round(store: Store, plans: PlanSource, bells: Bells, *, seconds: float = ROUND_SECONDS) -> int:
    """Advance the shards that are to be looked at; how many entries were consumed."""
    gathered, done = Gathered(bells), 0

    def one(shard: int, left: float) -> bool:
        nonlocal done
        done += advance(store, plans, gathered, shard, seconds=min(SHARE_SECONDS, left))
        if gathered.age() > FLUSH_SECONDS:
            gathered.flush()
        return True  # it rings itself for what it leaves

    try:
        _round(store, ADVANCE, bells.advance, one, time.monotonic() + seconds)
    finally:
        gathered.flush()
    return done


def deliver_round(
    store: Store, plans: PlanSource, senders: Senders, bells: Bells, channel: str, *, seconds: float = ROUND_SECONDS
) -> int:
    """Let the due messages of one channel leave, shard by shard; how many rows were dealt with."""
    until = time.monotonic() + seconds
    work = Delivery(store, plans, senders, channel, until)
    try:
        _round(
            store,
            deliver_queue(channel),
            lambda shards: bells.deliver((channel, shard) for shard in shards),
            lambda shard, left: work.all_of([shard]),
            until,
        )
    finally:
        bells.deliver(work.leaving.rows)
    return work.done


def _round(
    store: Store, queue: str, ring: Callable[[list[int]], None], one: Callable[[int, float], bool], until: float
) -> None:
    """Look after shards until the time is over or none is left. `one` says whether it has finished with a shard."""
    shards = store.ready.hear(queue, SHARE + 1)
    while shards:
        shards, others = shards[:SHARE], shards[SHARE:]
        if others:
            ring(others)
        while shards:
            left = until - time.monotonic()
            if left <= 0 or not one(shards[0], left):
                ring(shards)
                return
            shards.pop(0)
        shards = store.ready.take(queue, SHARE + 1)
