"""The ticker: every worker looks twice a second whether a doorbell was lost or a time has come.

One at a time, guarded by a key that expires. So no beat is needed for timers and retries, a lost doorbell
costs one tick, and a dead worker's ticker is replaced by any other's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from celery import bootsteps

from engine.channels import OUTBOXES
from engine.runtime.celery_bells import CeleryBells
from engine.runtime.shardstore import Look
from engine.runtime.store import Store

TICK_SECONDS = 0.5
FEW = 8  # more shards with due messages than this are looked after by one slice that goes through all of them

log = logging.getLogger("parcours.ticker")


def tick(store: Store, bells: CeleryBells, channels: Sequence[str]) -> bool:
    """Look at all shards and ring for those with work; False when another worker did so just now."""
    if not store.may_tick(int(TICK_SECONDS * 900)):
        return False
    time, looks = store.clock(), store.shards.look(channels)
    now = time.engine
    due = [look.shard for look in looks if look.advance_due(now) and not look.leased]
    # When nobody is behind, a bell that nobody hears was lost; otherwise each shard has one bell under way.
    rung = due if due and not bells.depth("advance") else store.shards.ring(due)
    bells.advance(rung)
    for channel in channels:
        shards = [look.shard for look in looks if channel in look.channels_due(now)]
        if len(shards) > FEW:
            bells.ring([(f"deliver.{channel}", "parcours.deliver", (channel,))])
        elif shards and not bells.depth(f"deliver.{channel}"):
            bells.deliver((channel, shard) for shard in shards)
    bells.recover(look.shard for look in looks if _lost(look, time.server))
    return True


def _lost(look: Look, server: int) -> bool:
    return look.lease_end is not None and look.lease_end < server


class Ticker(bootsteps.StartStopStep):  # type: ignore[misc]
    """Runs `tick` in a worker for as long as it consumes."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        """Called at the start, and again after each reconnection to the broker."""
        from engine.runtime.app import state_url
        from engine.settings import load

        store, bells = Store(state_url(load())), CeleryBells(consumer.app)

        def once() -> None:
            try:
                tick(store, bells, OUTBOXES)
            except Exception as fault:  # the next tick is half a second away
                log.warning("the ticker could not look: %s", fault)

        self._timer = consumer.timer.call_repeatedly(TICK_SECONDS, once)

    def stop(self, consumer: Any) -> None:
        """The worker stops consuming."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
