"""The ticker: every worker looks twice a second whether a doorbell was lost or a time has come.

One at a time, guarded by a key that expires. So no beat is needed for timers and retries, a lost doorbell
costs one tick, and a dead worker's ticker is replaced by any other's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from celery import bootsteps

from engine.channels import OUTBOXES
from engine.runtime.backlog import tell_backlog
from engine.runtime.broadcast import running
from engine.runtime.celery_bells import CeleryBells
from engine.runtime.hearing import listen
from engine.runtime.heartbeat import BEAT_SECONDS, Heart
from engine.runtime.item_news import pending
from engine.runtime.shard_data import Look
from engine.runtime.store import Store, StoreError

TICK_SECONDS = 0.5

log = logging.getLogger("parcours.ticker")


def tick(store: Store, bells: CeleryBells, channels: Sequence[str]) -> bool:
    """Look at all shards and ring for those with work; False when another worker did so just now."""
    if not store.may_tick(int(TICK_SECONDS * 900)):
        return False
    time, looks = store.clock(), store.shards.look(channels)
    now = time.engine
    due = [look.shard for look in looks if look.advance_due(time.timers) and not look.leased]
    bells.advance(due)
    tell_backlog(store, looks, now)
    for channel in channels:
        shards = [look.shard for look in looks if channel in look.channels_due(now)]
        bells.deliver((channel, shard) for shard in shards)
    going = running(store)
    if going and not bells.depth("maintenance"):
        bells.ring([("maintenance", "parcours.waves", (name,)) for name in going])
    if pending(store) and not bells.depth("maintenance"):
        bells.ring([("maintenance", "parcours.item_news", ())])
    bells.recover(look.shard for look in looks if _lost(look, time.server))
    return True


def _lost(look: Look, server: int) -> bool:
    return look.lease_end is not None and look.lease_end < server


class Ticker(bootsteps.StartStopStep):  # type: ignore[misc]
    """Runs `tick` in a worker for as long as it consumes."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._timers: list[Any] = []
        self._heart: Heart | None = None
        self._listens = False

    def start(self, consumer: Any) -> None:
        """Called at the start, and again after each reconnection to the broker."""
        from engine.runtime.app import state_url
        from engine.settings import load

        store = Store(state_url(load()))
        bells = CeleryBells(consumer.app, store)

        def once() -> None:
            try:
                tick(store, bells, OUTBOXES)
            except Exception as fault:  # the next tick is half a second away
                log.warning("the ticker could not look: %s", fault)

        if not self._listens:
            self._listens = True
            listen(CeleryBells(consumer.app, store), sorted(consumer.app.amqp.queues.consume_from))

        kind = consumer.hostname.partition("-")[0]
        heart = self._heart = Heart(store, "both" if kind == "worker" else kind)

        def beat() -> None:
            try:
                heart.beat()
            except Exception as fault:  # it will be missed only if that lasts
                log.warning("no sign of life could be given: %s", fault)

        beat()
        every = consumer.timer.call_repeatedly
        self._timers = [every(TICK_SECONDS, once), every(BEAT_SECONDS, beat)]

    def stop(self, consumer: Any) -> None:
        """The worker stops consuming."""
        for timer in self._timers:
            timer.cancel()
        self._timers = []
        if self._heart is not None:
            with suppress(StoreError):
                self._heart.stop()
            self._heart = None
