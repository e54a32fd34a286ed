"""The report: every measure over a million archived rows, beside one bare scan of the same rows."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.past import a_past
from engine.define.folder import compile_folder
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.archive.tables import TABLES
from engine.report.measures.basis import Basis, window_of
from engine.report.measures.every import measured

ROOT = Path(__file__).resolve().parents[1]
SCAN = "SELECT sum(hash(COLUMNS(*)::VARCHAR)) FROM {}"


def report(scale: float) -> list[Measure]:
    """The starter's definitions over a shop's 90 days; from the closed archive to the last figure."""
    rows, plan = int(1_000_000 * scale), compile_folder(ROOT).plan
    with tempfile.TemporaryDirectory() as folder:
        place = open_place(folder)
        a_past(place, rows)
        with connect(place, Path(folder)) as db:
            begun = time.perf_counter()
            for table in TABLES:
                db.execute(SCAN.format(table.name)).fetchall()
            scanned = time.perf_counter() - begun
        begun, cpu = time.perf_counter(), time.process_time()
        took: dict[str, float] = {}
        with connect(place, Path(folder)) as db:
            last = time.perf_counter()
            for each, _ in measured(Basis(db, window_of(db, plan), plan)):
                took[each.name], last = time.perf_counter() - last, time.perf_counter()
        whole, cpu = time.perf_counter() - begun, time.process_time() - cpu
    slowest = ", ".join(f"{name} {took[name]:.2f} s" for name in sorted(took, key=lambda name: -took[name])[:4])
    return [
        Measure(
            f"{len(took)} measures over {rows:,} rows",
            whole,
            "s",
            more=False,
            target=5.0,
            beside={"one bare scan": scanned},
            note=f"{cpu:.1f} s of the processor; {slowest}",
        )
    ]
