"""A part of the customers replayed, in this process or in one of several."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.define.workspace import Compiled, compile_sources
from engine.report.archive.duck import duck, quoted
from engine.report.archive.lessons import PastLessons
from engine.report.archive.past import entries
from engine.report.archive.plans import Released
from engine.report.replay.compare import Compared, apart, counted
from engine.report.replay.course import what_would_be
from engine.report.replay.line import Line, of_row
from engine.report.replay.plans import PastPlans
from engine.report.replay.stopped import PastFlags
from engine.report.replay.was import Beginning, Was
from engine.report.replay.window import Window, read
from engine.report.replay.words import Wording
from engine.report.replay.would import Draft, Would
from engine.runtime.plans import Running

LESSONS = "lessons.parquet"


@dataclass(frozen=True)
class Job:
    """What all parts have in common: where the window's files lie, the plans of then, the draft's sources.

    `sweeps`: with the draft's release everybody is looked at. `story`: whose timelines are wanted.
    """

    folder: Path
    window: Window
    released: Mapping[str, Released]
    draft: Mapping[str, str]
    sweeps: bool
    story: frozenset[str] = frozenset()


class Replayer:
    """Plans compiled once for all parts of a process, unless they are given. Raises DefinitionError when one of them
    has problems."""

    def __init__(self, job: Job, plans: PastPlans | None = None, compiled: Compiled | None = None) -> None:
        self._job, self._db = job, duck()
        lessons = quoted(job.folder / LESSONS)
        self._db.execute(f"CREATE VIEW lessons AS SELECT * FROM read_parquet({lessons})")
        past = PastLessons(self._db)
        self._flags = PastFlags(past, job.window.stopped)
        self._plans = plans or PastPlans(job.released)
        compiled = compiled or compile_sources(job.draft, published=True).sound()
        self._draft = Draft(
            Running(compiled.plan, compiled.renderer.render, compiled.renderer),
            self._plans,
            Wording(compiled, self._plans),
            job.window.since,
            job.window.until,
            job.sweeps,
            self._flags,
        )

    def part(self, number: int) -> Compared:
        """One part of the customers. Raises SetupError when the archive lacks a plan."""
        made = Compared()
        for rows, outcomes in read(self._db, self._job.folder, number):
            past = list(entries(rows))
            was = Beginning(self._draft).take(past)
            would = what_would_be(self._draft, was, past)
            self._compare(made, was, would, [of_row(row[:-1]) for row in outcomes])
        return made

    def _compare(self, made: Compared, was: Was, would: Would, happened: Sequence[Line]) -> None:
        since, wanted = self._job.window.since, self._job.story
        made.astray += len(apart(happened, [line for line in was.lines if line.at >= since]))
        found = apart(happened, would.lines)
        made.differences += found
        made.was += counted(happened)
        made.would += counted(would.lines)
        labels = {**was.labels, **would.labels}
        made.customers += len(labels)
        names = {each.line.profile for each in found}
        made.differing |= names
        made.labels |= {name: labels.get(name, name) for name in names | (wanted & labels.keys())}
        for name in ("reworded", "left_out", "unknown", "unrendered"):
            getattr(made, name).update(getattr(would, name))
        made.faults += [*was.faults, *would.faults]
        made.told_was += [each for each in was.story if each[0] in wanted and each[1].at >= since]
        made.told_would += [each for each in would.story if each[0] in wanted]


_here: list[Replayer] = []


def begin(job: Job) -> None:
    """What a process of several does first. Ctrl-C is for the one that started it, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here[:] = [Replayer(job)]


def part(number: int) -> Compared:
    """One part, in a process that has begun."""
    return _here[0].part(number)
