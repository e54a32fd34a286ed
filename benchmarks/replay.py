"""What-if: how long a year of a grocer takes that is replayed under a draft, with every core."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.archived import archive_events
from benchmarks.measure import Measure
from engine.define.folder import read_folder
from engine.define.workspace import compile_sources
from engine.report.archive.place import open_place
from engine.report.replay.what_if import what_if
from examples.grocer.demo_year import written

HOME = Path(__file__).parents[1] / "examples/grocer"
HOUSEHOLDS = 2_500
REMINDER = "journeys/coupon_reminder.yaml"


def replay(scale: float) -> list[Measure]:
    """The year archived as production would have, then replayed as it was, and with one wait that is a day shorter."""
    sources = read_folder(HOME)
    draft = {**sources, REMINDER: sources[REMINDER].replace("wait: 10d", "wait: 9d")}
    assert draft != sources
    with tempfile.TemporaryDirectory() as folder:
        file, place = Path(folder) / "year.jsonl", open_place(f"{folder}/archive")
        written(file, None if scale >= 1 else range(1, 2 + int(HOUSEHOLDS * scale)))
        events = archive_events(compile_sources(sources).sound(), file, place)
        begun = time.perf_counter()
        same = what_if(sources, place, Path(folder), 0).found
        took = time.perf_counter() - begun
        begun = time.perf_counter()
        other = what_if(draft, place, Path(folder), 0).found
        drafted = time.perf_counter() - begun
    assert not same.differences
    assert other.differences
    return [
        Measure(
            "a year replayed as it was",
            took,
            "s",
            more=False,
            target=90 if scale >= 1 else None,
            note=f"{events:,} events",
        ),
        Measure("with a wait a day shorter", drafted, "s", more=False, target=90 if scale >= 1 else None),
        Measure("events replayed in both worlds", events / drafted, "/s"),
    ]
