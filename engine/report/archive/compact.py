"""Compaction: the segments of closed days become tables, one Parquet file for each table, day and run.

Which segments a run takes is written down first: whoever repeats it after a kill writes the same files again, under
the same names. The segments go when the manifest says that they are not needed any more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from engine.report.archive.duck import duck, listed, quoted
from engine.report.archive.local import Local
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import Place
from engine.report.archive.segment import FOLDER, read_name
from engine.report.archive.tables import TABLES, Table, lines_of, rows_of
from engine.runtime import points

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_BYTES = 64_000_000  # of the segments that one run takes; one that is larger goes alone


def compact(place: Place, manifest: Manifest, today: str) -> int:
    """Make tables of segments of days before `today`, as many as one run takes; how many segments."""
    sizes = {}
    for name, (size, _) in place.sizes(FOLDER).items():
        found = read_name(name)
        if found is not None:
            sizes[found[0]] = (name, found[1], size)
    for number in [number for number in sizes if number <= manifest.compacted]:
        place.delete(sizes.pop(number)[0])  # a run died here, or an archiver that stood still has come back
    if manifest.compacting is None:
        chosen: list[int] = []
        weight = 0
        for number in sorted(sizes):
            _, day, size = sizes[number]
            if day >= today or (chosen and weight + size > MOST_BYTES):
                break
            chosen.append(number)
            weight += size
        if not chosen:
            return 0
        manifest.compacting = (chosen[0], chosen[-1])
        put_manifest(place, manifest)
        points.at("archive.chosen")
    first, last = manifest.compacting
    names = [sizes[number][0] for number in sorted(sizes) if first <= number <= last]
    with tempfile.TemporaryDirectory(prefix="parcours-") as folder:
        _write(place, Path(folder), names, first, last)
    points.at("archive.compacted")
    manifest.compacted, manifest.compacting = last, None
    put_manifest(place, manifest)
    points.at("archive.told")
    for name in names:
        place.delete(name)
    return len(names)


def file_of(table: Table, day: str, first: int, last: int) -> str:
    """Where the rows of one day go that segments `first` to `last` bring."""
    return f"{table.name}/day={day}/{first:012d}-{last:012d}.parquet"


def _write(place: Place, folder: Path, names: list[str], first: int, last: int) -> None:
    files = [file for file in Local(place, folder).files(names) if file.stat().st_size]
    if not files:
        return
    with duck(folder) as db:
        db.execute(f"CREATE TABLE lines AS {lines_of(listed(files))}")
        for table in TABLES:
            db.execute(f"CREATE TABLE made AS {rows_of(table, 'lines')}")
            day = "strftime(make_timestamp(decided * 1000), '%Y-%m-%d')"
            for (found,) in db.execute(f"SELECT DISTINCT {day} FROM made ORDER BY 1").fetchall():
                rows = f"SELECT * FROM made WHERE {day} = {quoted(found)}"
                out = folder / "out.parquet"
                write_parquet(db, rows, out, table)
                place.put(file_of(table, found, first, last), out.read_bytes())
                points.at("archive.table")
            db.execute("DROP TABLE made")


def write_parquet(db: DuckDBPyConnection, rows: str, out: Path, table: Table) -> None:
    """Write rows in the archive's order."""
    order = "shard, segment, logged, n" + (", place" if any(each.name == "place" for each in table.columns) else "")
    db.execute(f"COPY ({rows} ORDER BY {order}) TO {quoted(out)} (FORMAT parquet, COMPRESSION zstd)")
