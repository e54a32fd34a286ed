"""What was released when, which process decides by which plan, and forgetting what nobody needs any more."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from engine.runtime import keys
from engine.runtime.counts import counts, inside

if TYPE_CHECKING:
    from engine.runtime.plans import PlanSource
    from engine.runtime.store import Store

LOOK_SECONDS = 0.25
SAY_AGAIN_SECONDS = 2.0
ALIVE_MS = 6_000  # a process that has said nothing for longer is gone
FORGET_MS = 3_600_000
log = logging.getLogger("parcours.plans")


class Release(Struct, omit_defaults=True):
    """One published plan: `at` (engine ms) it was published `by` somebody; `journeys` maps name -> version.

    `idle` is since when (server ms) nobody has needed it (0: somebody does).
    """

    at: int
    by: str = ""
    journeys: dict[str, str] = field(default_factory=dict)
    idle: int = 0


class Decides(Struct):
    """A process and the plan it decides by, as it said at `at` (server ms).

    `rules` is who answers its rules, `failures` how many answers that owed.
    """

    name: str
    plan: str
    at: int
    rules: str = ""
    failures: int = 0


def releases(store: Store) -> dict[str, Release]:
    """Every plan whose sources are kept, by fingerprint."""
    found = store.redis.hgetall(keys.RELEASES)
    return {name.decode(): msgspec.json.decode(text, type=Release) for name, text in found.items()}


def put_release(store: Store, fingerprint: str, release: Release) -> None:
    """Remember a release, or what has changed of it."""
    store.redis.hset(keys.RELEASES, fingerprint, msgspec.json.encode(release))


def deciding(store: Store) -> list[Decides]:
    """The processes that decide now, each with its plan, by name. Forgets those of long ago."""
    now = store.clock().server
    found = [msgspec.json.decode(each, type=Decides) for each in store.redis.hvals(keys.PLANS)]
    old = [each.name for each in found if now - each.at > FORGET_MS]
    if old:
        store.redis.hdel(keys.PLANS, *old)
    return sorted((each for each in found if now - each.at <= ALIVE_MS), key=lambda each: each.name)


def watch(store: Store, plans: PlanSource, kind: str, ready: Callable[[], None] = lambda: None) -> Callable[[], None]:
    """Take every new plan up as soon as it is published, and say so, in a thread; what is returned ends it. `ready` is
    called when a plan has been taken up.

    Without it a process would load a plan only when its next doorbell rings, and somebody would wait for that.
    """
    stop, name = threading.Event(), f"{kind} {socket.gethostname()}:{os.getpid()}"

    def run() -> None:
        known, said = "", 0.0
        while not stop.wait(LOOK_SECONDS):
            try:
                plan = (store.redis.get(keys.PLAN) or b"").decode()
                if not plan or (plan == known and time.monotonic() - said < SAY_AGAIN_SECONDS):
                    continue
                book = plans.at(plan).plan.rulebook
                decides = Decides(name, plan, store.clock().server, book.engine, book.failures)
                store.redis.hset(keys.PLANS, name, msgspec.json.encode(decides))
                if plan != known:
                    ready()
                known, said = plan, time.monotonic()
            except Exception as fault:  # the next look is a moment away
                log.warning("the plan could not be looked at: %s", fault)
                stop.wait(SAY_AGAIN_SECONDS)

    thread = threading.Thread(target=run, name="parcours-plans", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(SAY_AGAIN_SECONDS)

    return end


def tidy(store: Store) -> list[str]:
    """Drop releases that nobody is inside and that the log does not speak of any more: their fingerprints.

    A release is needed while it is the current one, or while somebody walks a version that only it still holds.
    """
    known, current = releases(store), store.pulse().plan
    people, holders = inside(counts(store)), store.redis.hgetall(keys.JOURNEYS)
    needed = {current}
    for name, holder in holders.items():
        journey, _, version = name.decode().partition("|")
        if people[journey, version]:
            needed.add(holder.decode())
    now, oldest, dropped = store.clock().server, None, []
    for fingerprint, release in known.items():
        if fingerprint in needed:
            if release.idle:
                release.idle = 0
                put_release(store, fingerprint, release)
        elif not release.idle:
            release.idle = now
            put_release(store, fingerprint, release)
        else:
            oldest = _oldest(store, now) if oldest is None else oldest
            if release.idle < oldest:
                dropped.append(fingerprint)
    for fingerprint in dropped:
        gone = [name for name, holder in holders.items() if holder.decode() == fingerprint]
        if gone:
            store.redis.hdel(keys.JOURNEYS, *gone)
        store.redis.delete(keys.sources(fingerprint))
        store.redis.hdel(keys.RELEASES, fingerprint)
    return dropped


def _oldest(store: Store, now: int) -> int:
    """When (server ms) the oldest entry of any shard's log was written; `now` when there is none."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xrange(keys.log(shard), count=1)
    found = [int(entries[0][0].decode().partition("-")[0]) for entries in pipe.execute() if entries]
    return min(found, default=now)
