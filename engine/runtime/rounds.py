"""A round over all shards: one doorbell for many of them, so that a crowd of events costs few Celery messages."""

from __future__ import annotations

import os
import time

from engine.runtime import keys
from engine.runtime.advance import advance
from engine.runtime.bells import Bells, Gathered
from engine.runtime.plans import PlanSource
from engine.runtime.store import Store

ROUND_SECONDS = 1.0
SHARE_SECONDS = 0.25  # of one shard, so that a busy one does not keep the others waiting
FLUSH_SECONDS = 0.05  # a message that may leave is made known after this at the latest


def advance_round(store: Store, plans: PlanSource, bells: Bells, *, seconds: float = ROUND_SECONDS) -> int:
    """Advance whatever shard has work for about `seconds`, or until none has; how many entries were consumed.

    Several rounds at once begin at different shards and take what the others do not hold.
    """
    until, done = time.monotonic() + seconds, 0
    gathered = Gathered(bells)
    begin = os.getpid() * 97 % len(keys.EVERY_SHARD)
    try:
        while time.monotonic() < until:
            now = store.clock().engine
            busy = [look.shard for look in store.shards.look(()) if look.advance_due(now) and not look.leased]
            if not busy:
                break
            for shard in sorted(busy, key=lambda each: (each - begin) % len(keys.EVERY_SHARD)):
                left = until - time.monotonic()
                if left <= 0:
                    break
                done += advance(store, plans, gathered, shard, seconds=min(SHARE_SECONDS, left))
                if gathered.age() > FLUSH_SECONDS:
                    gathered.flush()
    finally:
        gathered.flush()
    return done
