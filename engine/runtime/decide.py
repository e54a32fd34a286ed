"""The entries of one profile, decided in order: from inbox entries to one commit. Nothing is written here."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.journey.blocks import blocks_of
from engine.journey.core import handle_event, handle_timers
from engine.model.flags import Flags
from engine.model.profile import Profile
from engine.model.record import Record, Told
from engine.runtime.blob import Arrival, read_profile
from engine.runtime.commit import Commit
from engine.runtime.merging import erase_late, forward, obey, overtaken
from engine.runtime.meters import meters
from engine.runtime.orders import Give, Order
from engine.runtime.plans import PlanSource, Running
from engine.runtime.timeline import told_event

MOST_TRACE = 8_000  # characters


@dataclass(frozen=True, slots=True)
class Work:
    """An entry to decide about: its event, an order, or a wake (neither).

    What comes from another shard may have been overtaken by an erasure, which was asked at `erased` (server ms).
    """

    entry: str
    arrival: Arrival | None
    order: Order | None = None
    erased: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """Under what a batch is decided. `now` is engine time."""

    running: Running
    source: PlanSource
    flags: Flags
    now: int


def decide(moment: Moment, profile_id: str, blob: bytes | None, works: Sequence[Work]) -> list[Commit]:
    """One commit with all entries that could be decided, and one for each that an erasure has overtaken, or that
    could not and is a dead letter.

    An entry whose decision raises leaves no trace in the profile: the others are decided without it.
    """
    late = [work for work in works if work.erased and overtaken(work.arrival, work.order, work.erased)]
    letters = [_late(moment, profile_id, work) for work in late]
    good = [work for work in works if work not in late]
    while good:
        profile = _open(moment, blob)
        commit = _commit(moment, profile_id, good, new=blob is None)
        for work in good:
            try:
                profile = _step(moment, profile, work, commit)
            except Exception as fault:
                letters.append(dead_letter(moment, profile_id, work, fault))
                good.remove(work)
                break
        else:
            if profile is not None:
                commit.write(profile)
            return [*letters, commit]
    return letters


def _late(moment: Moment, profile_id: str, work: Work) -> Commit:
    commit = Commit(profile=profile_id, at=moment.now, entries=[work.entry])
    commit.plan = moment.running.plan.fingerprint
    erase_late(moment, work.arrival, work.order, work.erased, commit)
    return commit


def _open(moment: Moment, blob: bytes | None) -> Profile | None:
    if blob is None:
        return None
    profile = read_profile(blob)
    moment.source.provide(moment.running, profile)
    return profile


def _step(moment: Moment, profile: Profile | None, work: Work, commit: Commit) -> Profile | None:
    """One entry; None stays None while nothing is known: a wake of somebody who is not there any more."""
    plan, arrival = moment.running.plan, work.arrival
    if work.order is not None:
        return obey(moment, profile, work.order, commit, work.entry)
    if arrival is None:
        if profile is None or profile.into:
            return profile
        due = profile.next_due()
        if due is not None and due <= moment.now:
            meters().woken((moment.now - due) / 1000)
        walk = handle_timers(plan, profile, moment.now, moment.flags)
    elif profile is None and not arrival.label:  # a broadcast asked for somebody who is gone by now
        return None
    elif profile is not None and profile.moved:
        commit.relay.append(forward(arrival, commit.shard, profile.into, work.entry))
        return profile
    else:
        profile = profile or Profile(id=arrival.profile, label=arrival.label)
        walk = handle_event(plan, profile, arrival.event, moment.now, moment.flags)
    commit.rows = [*commit.rows, *walk.rows]
    commit.records = [*commit.records, *walk.records]
    commit.said = [*commit.said, *walk.said]
    commit.tried = [*commit.tried, *walk.tried]
    commit.count(walk.flows)
    if walk.story:
        told = [told_event(arrival.event, moment.now)] if arrival is not None else []
        commit.story = [*commit.story, *told, *walk.story]
    return walk.profile


def _commit(moment: Moment, profile_id: str, works: Sequence[Work], *, new: bool) -> Commit:
    return Commit(
        profile=profile_id,
        at=moment.now,
        plan=moment.running.plan.fingerprint,
        entries=[work.entry for work in works],
        inputs=[_input(work, new) for work in works],
        flags=moment.flags,
        lift=[lifted for work in works for lifted in _lifts(work)],
    )


def _lifts(work: Work) -> list[tuple[str, str]]:
    """The blocks that are needless once this entry is processed."""
    if isinstance(work.order, Give):
        return [(block, work.order.id) for block in work.order.blocks]
    if work.arrival is None:
        return []
    return [(block, work.arrival.event.id) for block in blocks_of(work.arrival.event)]


def _input(work: Work, new: bool = False) -> tuple[Any, ...]:
    """What the log keeps of an entry: all that is needed to decide about it again. `new`: nothing is known of its
    customer yet, who is given a label with the first event."""
    if work.order is not None:
        return ("order", work.entry, work.order)
    if work.arrival is None:
        return ("wake", work.entry)
    return ("event", work.arrival.event, work.arrival.label) if new else ("event", work.arrival.event)


def dead_letter(moment: Moment, profile_id: str, work: Work, fault: Exception | str) -> Commit:
    """Set one entry aside, with the reason for whoever looks into it."""
    what = f"{work.arrival.event.name} {work.arrival.event.id}" if work.arrival is not None else "a timer"
    if work.order is not None:
        what = f"a merge or an erasure ({type(work.order).__name__})"
    reason = fault if isinstance(fault, str) else f"{type(fault).__name__}: {fault}"
    trace = "" if isinstance(fault, str) else "".join(traceback.format_exception(fault))[-MOST_TRACE:]
    record = Record(
        at=moment.now,
        profile=profile_id,
        label=work.arrival.label if work.arrival is not None else "",
        kind="set_aside",
        reason=f"decision_fault: {what}: {reason}",
    )
    return Commit(
        profile=profile_id,
        at=moment.now,
        plan=moment.running.plan.fingerprint,
        entries=[work.entry],
        dead={"profile": profile_id, "reason": reason, "trace": trace, "at": str(moment.now)},
        inputs=[("dead", *_input(work))],
        records=[record],
        story=[Told.of(record)],
    )
