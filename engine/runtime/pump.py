"""All the work in this process, without Celery: for tests, small replays and benchmarks."""

from __future__ import annotations

from engine.channels import OUTBOXES
from engine.runtime.bells import Noted
from engine.runtime.engine import Engine

MOST_ROUNDS = 10_000


def drain(engine: Engine) -> int:
    """Advance and deliver until nothing is due at the engine's time; how much was done.

    Follows the engine's bells when they are `Noted`, and ends with a look at everything. Rows of `sending`
    that another process holds are left to it.
    """
    total = 0
    for _ in range(MOST_ROUNDS):
        done = _rung(engine)
        total += done
        if not done and not (done := _looked(engine)):
            return total
        total += done
    return total


def _rung(engine: Engine) -> int:
    bells = engine.bells
    if not isinstance(bells, Noted):
        return 0
    done = 0
    while bells.shards or bells.rows:
        if bells.shards:
            done += engine.advance(bells.shards.pop())
        else:
            done += engine.deliver(*bells.rows.pop())
    return done


def _looked(engine: Engine) -> int:
    time = engine.store.clock()
    done = 0
    for look in engine.store.shards.look(OUTBOXES):
        if look.advance_due(time.timers):
            done += engine.advance(look.shard)
        for channel in sorted(look.channels_due(time.engine)):
            done += engine.deliver(channel, look.shard)
    return done
