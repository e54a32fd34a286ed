"""What would have been: a draft over the past of an archive. The command and the console call this."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from engine.define.history import with_history
from engine.define.workspace import compile_sources
from engine.model.errors import UnknownProfile
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.archive.place import Place
from engine.report.archive.plans import Released, read_plans
from engine.report.archive.reading import connect
from engine.report.replay.compare import Compared
from engine.report.replay.groups import merged, together
from engine.report.replay.part import LESSONS, Job, Replayer, begin, part
from engine.report.replay.plans import PastPlans
from engine.report.replay.who import find
from engine.report.replay.window import Window, cut, leave_out_erased, window
from engine.runtime.plans import decides_otherwise

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARTS = 8  # for each process: so that none waits long for the others, and progress can be told
FEW = 20_000  # events: below, a second process is not worth its start
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class WhatIf:
    """What was and what would be from `since` to `until` (epoch ms).

    `events` came in; `plans` are the fingerprints of those that decided then, `draft` that of the draft. `who` are the
    profiles that were asked for, none for all.
    """

    since: int
    until: int
    events: int
    plans: tuple[str, ...]
    draft: str
    found: Compared
    who: tuple[str, ...] = ()


def what_if(
    draft: Mapping[str, str],
    place: Place,
    copies: Path,
    since: int,
    until: int | None = None,
    *,
    profile: str = "",
    jobs: int | None = None,
    told: Told | None = None,
) -> WhatIf:
    """The past from `since` to `until` (epoch ms; None: the archive's end) under the definitions `draft` (path within
    the workspace -> text), for everybody, or for one `profile` (identifier:value, the bare value, or an id), whose
    timelines are then told.

    Nothing is sent and nothing is written but copies of what lies in a bucket, to `copies`. `told` hears of parts that
    are done, and of how many there are. Raises SetupError when the archive has nothing of that time, UnknownProfile
    when nobody is called `profile`, DefinitionError when the draft has problems.
    """
    released = read_plans(place)
    with connect(place, copies) as db, tempfile.TemporaryDirectory(prefix="parcours-") as temp:
        folder = Path(temp)
        found = window(db, since, until)
        deployed = _deployed(released, found.since)
        sources = with_history(draft, deployed.sources if deployed is not None else None, found.since)
        compiled = compile_sources(sources).sound()
        plans = PastPlans(released)
        used = _used(db, found)
        groups = together(db, [compiled.plan, *(plans.at(each).plan for each in released)])
        leave_out_erased(db)
        who: tuple[str, ...] = ()
        if profile:
            one = find(db, profile)
            if one is None:
                raise UnknownProfile(profile, Words("the archive has no event of theirs"))
            same = merged(db)
            who = tuple(sorted({one, *(each for each, _ in same.pairs() if same.of(each) == same.of(one))}))
        wanted = 1 if profile else _jobs(jobs, found)
        parts = cut(
            db, found, groups, folder, wanted * PARTS if wanted > 1 else PARTS, groups.of(who[0]) if who else ""
        )
        db.execute(f"COPY (SELECT * FROM lessons) TO {quoted(folder / LESSONS)} (FORMAT parquet)")
        sweeps = deployed is not None and decides_otherwise(deployed.sources, sources)
        job = Job(folder, found, released, sources, sweeps, frozenset(who))
        made = Compared()
        every = _shared(job, parts, wanted) if wanted > 1 else map(Replayer(job, plans, compiled).part, parts)
        for done, each in enumerate(every, start=1):
            made.add(each)
            if told is not None:
                told(done, len(parts))
    made.sort()
    return WhatIf(found.since, found.until, found.events, used, compiled.plan.fingerprint, made, who)


def ends(place: Place, copies: Path) -> int:
    """When the last thing was decided that the archive has (epoch ms). Raises SetupError when it has nothing."""
    with connect(place, copies) as db:
        return window(db, 0, None).until


def _jobs(jobs: int | None, found: Window) -> int:
    return jobs or (1 if found.events < FEW else os.cpu_count() or 1)


def _shared(job: Job, parts: list[int], jobs: int) -> Iterator[Compared]:
    """The parts, shared by several processes, in whatever order they are done."""
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=begin, initargs=(job,))
    try:
        for each in as_completed([pool.submit(part, number) for number in parts]):
            yield each.result()
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _deployed(released: Mapping[str, Released], since: int) -> Released | None:
    """The plan that decided at an instant; the first one before there was any; None without plans."""
    before = [each for each in released.values() if each.at <= since]
    return before[-1] if before else None


def _used(db: DuckDBPyConnection, found: Window) -> tuple[str, ...]:
    both = "SELECT DISTINCT plan FROM {} WHERE decided BETWEEN " + f"{found.since} AND {found.until}"
    rows = db.execute(f"{both.format('events')} UNION {both.format('commands')}").fetchall()
    return tuple(sorted(plan for (plan,) in rows if plan))
