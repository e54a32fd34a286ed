"""Advancing a shard: a slice of work that takes due timers and events through the core.

Whoever holds the shard's lease reads, in order, first what a dead owner left, then what is new. A slice
ends when the shard is empty or its time is over; looking once more is part of giving the lease back.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import msgspec

from engine.model.errors import Fenced
from engine.runtime import points
from engine.runtime.bells import Bells
from engine.runtime.blob import read_arrival
from engine.runtime.commit import Commit
from engine.runtime.decide import Moment, Work, dead_letter, decide
from engine.runtime.erasing import Forget, clear, nothing
from engine.runtime.meters import meters
from engine.runtime.orders import Erase, HandOver, read_order
from engine.runtime.plans import PlanSource
from engine.runtime.prompts import withdraw
from engine.runtime.relay import bring
from engine.runtime.shard_data import Entry
from engine.runtime.spans import span
from engine.runtime.store import Pulse, Store, StoreError

SLICE_SECONDS = 1.0
LEASE_MS = 10_000
BATCH = 200
MOST_DELIVERIES = 3
MOST_STALE = 100  # rounds; every one of them means that a message of that profile left meanwhile


def advance(
    store: Store,
    plans: PlanSource,
    bells: Bells,
    shard: int,
    *,
    seconds: float = SLICE_SECONDS,
    forget: Forget = nothing,
) -> int:
    """Work on one shard for about `seconds`; how many entries were consumed. `forget` deletes a profile's files.

    Returns 0 at once when somebody else holds the shard. Raises what the store or the plan source raises;
    nothing is lost then.
    """
    owner = uuid4().hex
    fence = store.shards.lease(shard, owner, LEASE_MS)
    if not fence:
        return 0
    points.at("advance.leased")
    work = _Slice(store, plans, bells, shard, owner, fence)
    work.forget = forget
    try:
        work.run(time.monotonic() + seconds)
    except Fenced:
        points.at("advance.fenced")
        return work.done  # the new owner takes up what is unfinished
    except BaseException:
        with suppress(StoreError):
            store.shards.release(shard, owner, 0)
        raise
    more = store.shards.release(shard, owner, store.clock().timers)
    points.at("advance.released")
    if more:
        bells.advance([shard])
    return work.done


class _Slice:
    def __init__(self, store: Store, plans: PlanSource, bells: Bells, shard: int, owner: str, fence: int) -> None:
        self.store, self.plans, self.bells = store, plans, bells
        self.shard, self.owner, self.fence = shard, owner, fence
        self.forget: Forget = nothing
        self.done = 0

    def run(self, until: float) -> None:
        self.done += bring(self.store, self.bells, self.shard)
        self._finish_what_is_left()
        while time.monotonic() < until:
            pulse = self.store.pulse()
            entries = self.store.shards.wake_and_read(self.shard, pulse.time.timers, BATCH)
            points.at("advance.read")
            if not entries:
                return
            with span("advance", shard=self.shard, entries=len(entries)):
                self._handle(pulse, entries)

    def _finish_what_is_left(self) -> None:
        """One by one: an entry that kills its worker must not take others with it to the dead letters.

        Blamed is only what was being decided when its worker died: many kills at other moments bury nobody.
        """
        while left := self.store.shards.deliveries(self.shard):
            pulse = self.store.pulse()
            entry, times = left
            points.at("advance.left")
            found = self.store.shards.read_left(self.shard, entry)
            if times < MOST_DELIVERIES:
                self._handle(pulse, [found], times)
            else:
                self._bury(pulse, [found], f"its worker died or was lost {times} times while deciding")
            again = self.store.shards.deliveries(self.shard)
            if again is not None and again[0] == entry:
                raise Fenced(self.shard)  # it could not be finished now; going on would break its order

    def _moment(self, pulse: Pulse) -> Moment:
        running = self.plans.at(pulse.plan)
        return Moment(running, self.plans, pulse.flags, pulse.time.engine, self.fence)

    def _handle(self, pulse: Pulse, entries: Sequence[Entry], times: int = 0) -> None:
        """Decide and commit; with `times`, a single entry that has been under decision so often already."""
        begun, moment = time.perf_counter(), self._moment(pulse)
        todo: dict[str, list[Work]] = {}
        for entry in entries:
            try:
                work = _work(entry)
            except msgspec.DecodeError:
                self._bury(pulse, [entry], "these bytes are no event")
                continue
            todo.setdefault(_whose(entry, work), []).append(work)
        rings: set[tuple[str, int]] = set()
        for _ in range(MOST_STALE):
            blobs = self.store.shards.profiles(todo)
            heads = {profile: self._marked(profile, _head(works)) for profile, works in todo.items()}
            if times:
                self.store.shards.blame(self.shard, entries[0].id, times + 1)
            commits = [
                commit
                for profile, works in heads.items()
                for commit in decide(moment, profile, blobs.get(profile), works)
            ]
            if times:
                self.store.shards.blame(self.shard, entries[0].id, times)
            for commit in commits:
                clear(self.store, moment.running.plan.vocabulary.strong, commit, self.forget)
            stale = self._write(commits)
            rings |= {(row.channel, self.shard) for each in commits for row in each.rows if row.due <= moment.now}
            for profile, works in heads.items():
                if profile not in stale:
                    todo[profile] = todo[profile][len(works) :]
            todo = {profile: works for profile, works in todo.items() if works}
            if not todo:
                break
        self.bells.deliver(rings)
        if todo:
            raise Fenced(self.shard)
        self.done += len(entries)
        meters().advanced(len(entries), time.perf_counter() - begun)

    def _marked(self, profile: str, works: list[Work]) -> list[Work]:
        """The same, with the erasure that may have overtaken what comes from other shards."""
        if not any(_travelled(work) for work in works):
            return works
        erased = self.store.shards.erased(profile)
        return [replace(work, erased=erased) if _travelled(work) else work for work in works]

    def _write(self, commits: Sequence[Commit]) -> set[str]:
        """Commit; the profiles that have changed meanwhile. Raises Fenced when the shard is not ours any more."""
        points.at("advance.decided")
        answers = self.store.shards.commit(commits, keep=(self.shard, self.owner, LEASE_MS))
        points.at("advance.committed")
        if "fenced" in answers:
            raise Fenced(self.shard)
        withdraw(self.store, (each for each, answer in zip(commits, answers, strict=True) if answer == "ok"))
        if any(each.relay for each in commits):
            bring(self.store, self.bells, self.shard)
        return {each.profile for each, answer in zip(commits, answers, strict=True) if answer == "stale"}

    def _bury(self, pulse: Pulse, entries: Sequence[Entry], reason: str) -> None:
        moment = self._moment(pulse)
        for entry in entries:
            work = Work(entry.id, None)
            with suppress(msgspec.DecodeError):
                work = _work(entry)
            letter = dead_letter(moment, _whose(entry, work), work, reason)
            letter.shard = self.shard
            self._write([letter])


def _work(entry: Entry) -> Work:
    """Raises msgspec.DecodeError."""
    arrival = read_arrival(entry.blob) if entry.blob else None
    return Work(entry.id, arrival, read_order(entry.order) if entry.order else None)


def _whose(entry: Entry, work: Work) -> str:
    about = work.order or work.arrival
    return about.profile if about is not None else entry.profile


def _travelled(work: Work) -> bool:
    if work.arrival is not None:
        return bool(work.arrival.via)
    return isinstance(work.order, HandOver)


def _head(works: list[Work]) -> list[Work]:
    """The entries up to an erasure: what comes after it begins anew."""
    for place, work in enumerate(works, start=1):
        if isinstance(work.order, Erase):
            return works[:place]
    return works
