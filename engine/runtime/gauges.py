"""How much waits, where, and for how long: read from the store when somebody asks for the measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.channels import OUTBOXES
from engine.runtime.archived import lag
from engine.runtime.heartbeat import workers
from engine.runtime.leftovers import count_dead, oldest_entries
from engine.runtime.store import Store


class StoreGauges:
    """A collector for Prometheus. One pipeline for all shards each time it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        def gauge(name: str, text: str, value: float) -> Any:
            return GaugeMetricFamily(f"parcours_{name}", text, value=value)

        store = self._store
        time = store.clock()
        looks = store.shards.look(OUTBOXES)
        oldest = oldest_entries(store, (look.shard for look in looks if look.entries))
        arrived = min(oldest.values(), default=time.server)
        timer = min((look.timer for look in looks if look.timer is not None), default=time.engine)
        yield gauge("inbox_events", "Events and timers that wait to be decided.", sum(look.entries for look in looks))
        yield gauge("inbox_oldest_seconds", "How long the oldest of them waits.", max(time.server - arrived, 0) / 1000)
        yield gauge(
            "timer_overdue_seconds",
            "How late the oldest timer is that nobody moved.",
            max(time.engine - timer, 0) / 1000,
        )
        yield gauge("deliveries", "Messages in somebody's hands.", sum(look.sending for look in looks))
        snapshot = store.lessons.read()
        if snapshot.number:
            age = max(time.engine - snapshot.at, 0) / 1000
            yield gauge("learned_snapshot_seconds", "How old the snapshot is of what was learned of actions.", age)
        yield gauge("dead_letters", "What was set aside.", count_dead(store, time.server)[0])
        behind = lag(store)
        yield gauge("log_entries", "Entries that the logs of all shards hold.", behind.length)
        if behind.written is not None:
            yield gauge(
                "archive_behind_seconds", "How long the oldest entry waits for the archive.", behind.oldest / 1000
            )
            done = max(time.server - behind.compacted, 0) / 1000 if behind.compacted else float("inf")
            yield gauge("archive_compacted_seconds", "How long ago tables were last made.", done)
        outs = GaugeMetricFamily(
            "parcours_outbox_oldest_seconds", "How long the first due message waits.", labels=["channel", "class"]
        )
        firsts: dict[tuple[str, str], int] = {}
        for look in looks:
            for place, first in look.outs.items():
                firsts[place] = min(first, firsts.get(place, first))
        for place, first in sorted(firsts.items()):
            outs.add_metric(list(place), max(time.engine - first, 0) / 1000)
        yield outs
        breakers = GaugeMetricFamily("parcours_breaker_open", "Whether a provider is left alone.", labels=["provider"])
        for name, breaker in sorted(store.guard.states().items()):
            breakers.add_metric([name], int(breaker.open > 0))
        yield breakers
        alive, _ = workers(store)
        crew = GaugeMetricFamily("parcours_workers", "Workers that are alive.", labels=["kind"])
        for kind in ("advance", "deliver", "both"):
            crew.add_metric([kind], sum(each.kind == kind for each in alive))
        yield crew
