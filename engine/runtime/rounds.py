"""A round: one doorbell, and all the shards that are to be looked at, for about a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.runtime.advance import advance
from engine.runtime.bells import ADVANCE, Bells, Gathered, deliver_queue
from engine.runtime.deliver import Delivery
from engine.runtime.erasing import Forget, nothing
from engine.runtime.plans import PlanSource
from engine.runtime.senders import Senders
from engine.runtime.store import Store

ROUND_SECONDS = 1.0
FLUSH_SECONDS = 0.05  # a message that may leave is made known after this at the latest
# Shards taken at once; with more than these, somebody else is called to share the work.
ADVANCE_SHARE = 32  # what one costs is mostly the round trips, which they share
DELIVER_SHARE = 20  # the messages of many shards leave together: what is read for them takes a round trip for all


def advance_round(
    store: Store, plans: PlanSource, bells: Bells, *, seconds: float = ROUND_SECONDS, forget: Forget = nothing
) -> int:
    """Advance the shards that are to be looked at; how many entries were consumed. `forget` as in `advance`."""
    gathered, done, until = Gathered(bells), 0, time.monotonic() + seconds

    def some(shards: list[int]) -> list[int]:
        nonlocal done
        if time.monotonic() > until:
            return shards
        done += advance(store, plans, gathered, shards, forget=forget)
        if gathered.age() > FLUSH_SECONDS:
            gathered.flush()
        return []  # they ring themselves for what they leave

    try:
        _round(store, ADVANCE, ADVANCE_SHARE, bells.advance, some)
    finally:
        gathered.flush()
    return done


def deliver_round(
    store: Store, plans: PlanSource, senders: Senders, bells: Bells, channel: str, *, seconds: float = ROUND_SECONDS
) -> int:
    """Let the due messages of one channel leave, those of some shards together; how many rows were dealt with."""
    work = Delivery(store, plans, senders, channel, time.monotonic() + seconds)

    def ring(shards: list[int]) -> None:
        bells.deliver((channel, shard) for shard in shards)

    try:
        _round(store, deliver_queue(channel), DELIVER_SHARE, ring, work.all_of)
    finally:
        bells.deliver(work.leaving.rows)
    return work.done


def _round(
    store: Store, queue: str, share: int, ring: Callable[[list[int]], None], some: Callable[[list[int]], list[int]]
) -> None:
    """Look after shards, `share` at once, until none is ready or `some` says which ones it did not finish with."""
    shards = store.ready.hear(queue, share + 1)
    while shards:
        if shards[share:]:
            ring(shards[share:])
        if left := some(shards[:share]):
            ring(left)
            return
        shards = store.ready.take(queue, share + 1)
