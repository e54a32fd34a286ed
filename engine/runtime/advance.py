"""Advancing shards: a batch of work that takes due timers and events through the core.

Several shards are taken at once, so that a few round trips do for all of them. Whoever holds a shard's lease
reads, in order, first what a dead owner left, then what is new, and looks once more when giving it back.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import msgspec

from engine.model.ids import shard_of
from engine.runtime import points
from engine.runtime.bells import Bells
from engine.runtime.blob import read_arrival
from engine.runtime.clock import Reading
from engine.runtime.commit import Commit
from engine.runtime.decide import Moment, Work, dead_letter, decide
from engine.runtime.erasing import Forget, clear, nothing
from engine.runtime.meters import meters
from engine.runtime.orders import Erase, HandOver, read_order
from engine.runtime.plans import PlanSource
from engine.runtime.prompts import withdraw
from engine.runtime.relay import bring
from engine.runtime.shard_data import Entry, Opened
from engine.runtime.spans import span
from engine.runtime.store import Store, StoreError

LEASE_MS = 10_000
BATCH = 50  # entries of each shard
MOST_DELIVERIES = 3
MOST_STALE = 100  # rounds; every one of them means that a message of that profile left meanwhile


def advance(store: Store, plans: PlanSource, bells: Bells, shards: Sequence[int], *, forget: Forget = nothing) -> int:
    """Take up to BATCH entries of each of these shards through the core; how many were consumed.

    Passes over shards that somebody else holds, and rings for those that have more. `forget` deletes a profile's
    files. Raises what the store or the plan source raises; nothing is lost then.
    """
    work = _Slice(store, plans, bells, forget)
    opened = store.shards.open(shards, work.owner, LEASE_MS, work.look().timers, BATCH)
    points.at("advance.read")
    if not opened:
        return 0
    try:
        work.run(opened)
        more = store.shards.release(work.held(), work.owner, store.clock().timers)
    except BaseException:
        with suppress(StoreError):
            store.shards.release(work.held(), work.owner, 0)
        raise
    points.at("advance.released")
    if work.lost:
        points.at("advance.fenced")
    bells.advance(more)
    return work.done


class _Slice:
    def __init__(self, store: Store, plans: PlanSource, bells: Bells, forget: Forget) -> None:
        self.store, self.plans, self.bells, self.forget = store, plans, bells, forget
        self.owner, self.done = uuid4().hex, 0
        self._fences: dict[int, int] = {}
        self.lost: set[int] = set()  # the new owner takes up what is unfinished there

    def look(self) -> Reading:
        """Look at the clock, at the current plan and at what was stopped: all that follows is decided by it."""
        pulse = self.store.pulse()
        self._moment = Moment(self.plans.at(pulse.plan), self.plans, pulse.flags, pulse.time.engine)
        return pulse.time

    def held(self) -> list[int]:
        """The shards that are still ours, as far as we know."""
        return [shard for shard in self._fences if shard not in self.lost]

    def run(self, opened: Sequence[Opened]) -> None:
        self._fences = {each.shard: each.fence for each in opened}
        for each in opened:
            if each.parcels:
                self.done += bring(self.store, self.bells, each.shard)
            if each.left:
                self._finish_what_is_left(each.shard)
        entries = [entry for each in opened for entry in each.entries]
        if entries:
            with span("advance", shards=len(opened), entries=len(entries)):
                self._handle(entries)

    def _finish_what_is_left(self, shard: int) -> None:
        """One by one: an entry that kills its worker must not take others with it to the dead letters.

        Blamed is only what was being decided when its worker died: many kills at other moments bury nobody. An
        entry that cannot be finished now keeps its shard until the lease ends: going on would break its order.
        """
        before = ""
        while shard not in self.lost and (left := self.store.shards.deliveries(shard)):
            entry, times = left
            if entry == before:
                self.lost.add(shard)
                return
            points.at("advance.left")
            self._keep()
            self.look()
            found = self.store.shards.read_left(shard, entry)
            if times < MOST_DELIVERIES:
                self._handle([found], times)
            else:
                self._bury(found, f"its worker died or was lost {times} times while deciding")
            before = entry

    def _keep(self) -> None:
        """Hold on to our shards for longer. A shard that was lost meanwhile stays lost: its fence has changed."""
        self.store.shards.lease(self.held(), self.owner, LEASE_MS)

    def _handle(self, entries: Sequence[Entry], times: int = 0) -> None:
        """Decide and commit; with `times`, a single entry that has been under decision so often already."""
        begun = time.perf_counter()
        todo: dict[str, list[Work]] = {}
        for entry in entries:
            try:
                work = _work(entry)
            except msgspec.DecodeError:
                self._bury(entry, "these bytes are no event")
                continue
            todo.setdefault(_whose(entry, work), []).append(work)
        rings: set[tuple[str, int]] = set()
        for again in range(MOST_STALE):
            if again:
                self._keep()
            blobs = self.store.shards.profiles(todo)
            heads = {profile: self._marked(profile, _head(works)) for profile, works in todo.items()}
            if times:
                self.store.shards.blame(entries[0].shard, entries[0].id, times + 1)
            commits = [
                commit
                for profile, works in heads.items()
                for commit in decide(self._moment, profile, blobs.get(profile), works)
            ]
            if times:
                self.store.shards.blame(entries[0].shard, entries[0].id, times)
            for commit in commits:
                clear(self.store, self._moment.running.plan.vocabulary.strong, commit, self.forget)
            stale = self._write(commits)
            rings |= {(row.channel, each.shard) for each in commits for row in each.rows if row.due <= each.at}
            for profile, works in heads.items():
                if profile not in stale:
                    todo[profile] = todo[profile][len(works) :]
            todo = {profile: works for profile, works in todo.items() if works and shard_of(profile) not in self.lost}
            if not todo:
                break
        self.bells.deliver(rings)
        self.lost.update(map(shard_of, todo))
        self.done += sum(entry.shard not in self.lost for entry in entries)
        meters().advanced(len(entries), time.perf_counter() - begun)

    def _marked(self, profile: str, works: list[Work]) -> list[Work]:
        """The same, with the erasure that may have overtaken what comes from other shards."""
        if not any(_travelled(work) for work in works):
            return works
        erased = self.store.shards.erased(profile)
        return [replace(work, erased=erased) if _travelled(work) else work for work in works]

    def _write(self, commits: Sequence[Commit]) -> set[str]:
        """Commit; the profiles that have changed meanwhile."""
        for each in commits:
            each.fence = self._fences[each.shard]
        points.at("advance.decided")
        answers = self.store.shards.commit(commits)
        points.at("advance.committed")
        self.lost.update(each.shard for each, answer in zip(commits, answers, strict=True) if answer == "fenced")
        withdraw(self.store, (each for each, answer in zip(commits, answers, strict=True) if answer == "ok"))
        for shard in {each.shard for each in commits if each.relay}:
            bring(self.store, self.bells, shard)
        return {each.profile for each, answer in zip(commits, answers, strict=True) if answer == "stale"}

    def _bury(self, entry: Entry, reason: str) -> None:
        work = Work(entry.id, None)
        with suppress(msgspec.DecodeError):
            work = _work(entry)
        letter = dead_letter(self._moment, _whose(entry, work), work, reason)
        letter.shard = entry.shard
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
