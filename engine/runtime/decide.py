"""The entries of one profile, decided in order: from inbox entries to one commit. Nothing is written here."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.journey.blocks import blocks_of
from engine.journey.core import handle_event, handle_timers
from engine.journey.walk import Walk
from engine.model.address import Said
from engine.model.flags import Flags
from engine.model.profile import Profile
from engine.model.record import Record, Row, Told
from engine.runtime.blob import Arrival, read_profile
from engine.runtime.commit import Commit
from engine.runtime.meters import meters
from engine.runtime.plans import PlanSource, Running
from engine.runtime.timeline import told_event

MOST_TRACE = 8_000  # characters


@dataclass(frozen=True, slots=True)
class Work:
    """An entry to decide about: its event, or a wake (None)."""

    entry: str
    arrival: Arrival | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Under what a batch is decided. `now` is engine time."""

    running: Running
    source: PlanSource
    flags: Flags
    now: int
    fence: int | None = None


def decide(moment: Moment, profile_id: str, blob: bytes | None, works: Sequence[Work]) -> list[Commit]:
    """One commit with all entries that could be decided, and one dead letter for each that could not.

    An entry whose decision raises leaves no trace in the profile: the others are decided without it.
    """
    letters: list[Commit] = []
    good = list(works)
    while good:
        profile = _open(moment, profile_id, blob, good)
        if profile is None:  # a wake of somebody who is not there any more
            return [*letters, _commit(moment, profile_id, good)]
        rows: list[Row] = []
        records: list[Record] = []
        story: list[Told] = []
        said: list[Said] = []
        for work in good:
            try:
                walk = _step(moment, profile, work)
            except Exception as fault:
                letters.append(dead_letter(moment, profile_id, work, fault))
                good.remove(work)
                break
            profile = walk.profile
            rows += walk.rows
            records += walk.records
            said += walk.said
            if walk.story:
                if work.arrival is not None:
                    story.append(told_event(work.arrival.event, moment.now))
                story += walk.story
        else:
            commit = _commit(moment, profile_id, good)
            commit.rows, commit.records, commit.story, commit.said = rows, records, story, said
            commit.write(profile)
            return [*letters, commit]
    return letters


def _open(moment: Moment, profile_id: str, blob: bytes | None, works: Sequence[Work]) -> Profile | None:
    if blob is not None:
        profile = read_profile(blob)
        moment.source.provide(moment.running, profile)
        return profile
    first = next((work.arrival for work in works if work.arrival is not None), None)
    return Profile(id=profile_id, label=first.label) if first is not None else None


def _step(moment: Moment, profile: Profile, work: Work) -> Walk:
    plan = moment.running.plan
    if work.arrival is None:
        due = profile.next_due()
        if due is not None and due <= moment.now:
            meters().woken((moment.now - due) / 1000)
        return handle_timers(plan, profile, moment.now, moment.flags)
    return handle_event(plan, profile, work.arrival.event, moment.now, moment.flags)


def _commit(moment: Moment, profile_id: str, works: Sequence[Work]) -> Commit:
    return Commit(
        profile=profile_id,
        at=moment.now,
        plan=moment.running.plan.fingerprint,
        fence=moment.fence,
        entries=[work.entry for work in works],
        inputs=[_input(work) for work in works],
        lift=[
            (block, work.arrival.event.id)
            for work in works
            if work.arrival is not None
            for block in blocks_of(work.arrival.event)
        ],
    )


def _input(work: Work) -> tuple[str, Any]:
    return ("wake", work.entry) if work.arrival is None else ("event", work.arrival.event)


def dead_letter(moment: Moment, profile_id: str, work: Work, fault: Exception | str) -> Commit:
    """Set one entry aside, with the reason for whoever looks into it."""
    what = f"{work.arrival.event.name} {work.arrival.event.id}" if work.arrival is not None else "a timer"
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
        fence=moment.fence,
        entries=[work.entry],
        dead={"profile": profile_id, "reason": reason, "trace": trace, "at": str(moment.now)},
        inputs=[_input(work)],
        records=[record],
        story=[Told.of(record)],
    )
