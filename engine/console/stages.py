"""The stages of the engine as figures: what waits where, for how long, who works, which provider rests."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from engine.channels import OUTBOXES
from engine.console.figures import Counted, counted
from engine.console.fresh import Fresh
from engine.runtime import keys
from engine.runtime.archived import lag
from engine.runtime.breakers import Breaker
from engine.runtime.heartbeat import Worker, workers
from engine.runtime.leftovers import count_dead, count_doubtful, oldest_entries
from engine.runtime.refused import MOST
from engine.runtime.shard_data import Look
from engine.runtime.store import Store

HOUR, DAY = 3_600_000, 86_400_000  # ms
LATE, VERY_LATE = 5_000, 60_000  # ms, as the doctor sees it
WINDOW = 60.0  # seconds over which a rate is taken


@dataclass(frozen=True)
class Stages:
    """How the engine stands at engine time `now` (server time `server`); lengths of time in ms.

    waiting, oldest    events and timers to be decided, and for how long the first waits
    timers, soon, due  customers who wait for a time; those whose time comes within an hour, and has come
    overdue            how late the oldest of these is
    outbox             (channel, class) -> messages that want to leave now, and for how long the first does
    held               messages that may leave later
    sending            messages in a provider's hands;  dead, dead_fresh  set aside, in all and within the hour
    doubtful           messages that may have arrived, or arrived twice
    alive, gone        workers;  breakers  providers that have failed lately
    archive            how long the oldest entry waits for the archive; None without one
    """

    now: int
    server: int
    waiting: int
    oldest: int
    timers: int
    soon: int
    due: int
    overdue: int
    outbox: dict[tuple[str, str], tuple[int, int]]
    held: int
    sending: int
    dead: int
    dead_fresh: int
    doubtful: int
    alive: list[Worker]
    gone: list[Worker]
    breakers: dict[str, Breaker]
    archive: int | None

    @property
    def leaving(self) -> int:
        """Messages that want to leave now."""
        return sum(count for count, _ in self.outbox.values())


_latest: Fresh[Store, str, Stages] = Fresh(1.0, longer=5.0)


def stages(store: Store) -> Stages:
    """How it stands, or stood at most a second ago."""
    return _latest.ask(store, "", lambda: _read(store))


def _read(store: Store) -> Stages:
    """By the same functions as the doctor and the measures, in a handful of round trips."""
    clock, looks = store.clock(), store.shards.look(OUTBOXES)
    oldest = oldest_entries(store, (look.shard for look in looks if look.entries))
    timers, soon, due = _timers(store, clock.engine)
    first = min((look.timer for look in looks if look.timer is not None), default=clock.engine)
    outbox, held = _outboxes(store, looks, clock.engine)
    dead, fresh = count_dead(store, clock.server - HOUR)
    refused = store.redis.xlen(keys.REFUSED)
    lately = store.call("fresh", [keys.REFUSED], clock.server - HOUR, MOST) if refused else 0
    alive, gone = workers(store)
    behind = lag(store)
    return Stages(
        now=clock.engine,
        server=clock.server,
        waiting=sum(look.entries for look in looks),
        oldest=max(clock.server - min(oldest.values(), default=clock.server), 0),
        timers=timers,
        soon=soon,
        due=due,
        overdue=max(clock.engine - first, 0),
        outbox=outbox,
        held=held,
        sending=sum(look.sending for look in looks),
        dead=dead + refused,
        dead_fresh=fresh + lately,
        doubtful=count_doubtful(store, clock.server - DAY)[0],
        alive=alive,
        gone=gone,
        breakers=dict(sorted(store.guard.states().items())),
        archive=behind.oldest if behind.written is not None else None,
    )


def _timers(store: Store, now: int) -> tuple[int, int, int]:
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zcard(keys.timers(shard))
        pipe.zcount(keys.timers(shard), f"({now}", now + HOUR)
        pipe.zcount(keys.timers(shard), "-inf", now)
    found = pipe.execute()
    return sum(found[::3]), sum(found[1::3]), sum(found[2::3])


def _outboxes(store: Store, looks: list[Look], now: int) -> tuple[dict[tuple[str, str], tuple[int, int]], int]:
    places = [(look.shard, *place, first) for look in looks for place, first in look.outs.items()]
    pipe = store.pipeline()
    for shard, channel, klass, _ in places:
        pipe.zcount(keys.out(shard, channel, klass), "-inf", now)
        pipe.zcount(keys.out(shard, channel, klass), f"({now}", "+inf")
    found = pipe.execute() if places else []
    counts: Counter[tuple[str, str]] = Counter()
    firsts: dict[tuple[str, str], int] = {}
    for (_, channel, klass, first), count in zip(places, found[::2], strict=True):
        if count:
            counts[channel, klass] += count
            firsts[channel, klass] = min(first, firsts.get((channel, klass), first))
    return {place: (count, now - firsts[place]) for place, count in sorted(counts.items())}, sum(found[1::2])


_past: WeakKeyDictionary[Store, deque[tuple[float, int, int]]] = WeakKeyDictionary()
_one = threading.Lock()


def rates(store: Store) -> tuple[float, float] | None:
    """Enrolments that began and messages that left, a minute: since the look at most WINDOW ago; None at the first."""
    found: Counted = counted(store)
    started = sum(each.all_started for each in found.journeys.values())
    sent = sum(each.all_sent for each in found.journeys.values())
    now = time.monotonic()
    with _one:
        past = _past.setdefault(store, deque())
        while past and now - past[0][0] > WINDOW:
            past.popleft()
        first = past[0] if past else None
        past.append((now, started, sent))
    if first is None or now - first[0] < 1.0:
        return None
    minutes = (now - first[0]) / 60
    return (started - first[1]) / minutes, (sent - first[2]) / minutes
