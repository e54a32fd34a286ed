"""Carrying erasures through the archive: every file that holds rows of an erased customer is written again without."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.report.archive.compact import write_parquet
from engine.report.archive.duck import duck, quoted
from engine.report.archive.graves import FOLDER, Grave, read_graves
from engine.report.archive.local import Local
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import Place
from engine.report.archive.segment import FOLDER as SEGMENTS
from engine.report.archive.segment import read_name
from engine.report.archive.tables import AUDIT, LESSONS, TABLES
from engine.runtime import points
from engine.runtime.erasure import gravestone


def erase(place: Place, manifest: Manifest, seconds: float) -> int:
    """Carry the erasures that are noted through all files, or as far as the time goes; how many are done.

    A file is replaced by one without the rows. Where this stops it goes on with the next file.
    """
    until = time.monotonic() + seconds
    if not manifest.erasing:
        manifest.erasing, manifest.erased = place.names(FOLDER), ""
        if not manifest.erasing:
            return 0
        put_manifest(place, manifest)
    graves = read_graves(place, manifest.erasing)
    # Segments first: what becomes a table meanwhile is clean then.
    files = [*place.names(SEGMENTS), *(name for table in TABLES for name in place.names(f"{table.name}/"))]
    order = {name: (not name.startswith(SEGMENTS), name) for name in files}
    done = (not manifest.erased.startswith(SEGMENTS), manifest.erased) if manifest.erased else (False, "")
    for name in sorted(files, key=lambda name: order[name]):
        if order[name] <= done:
            continue
        (_from_segment if name.startswith(SEGMENTS) else _from_table)(place, name, graves)
        manifest.erased = name
        points.at("archive.erased")
        if time.monotonic() > until:
            put_manifest(place, manifest)
            return 0
    for name in manifest.erasing:
        place.delete(name)
    count, manifest.erasing, manifest.erased = len(graves), [], ""
    put_manifest(place, manifest)
    return count


def _from_segment(place: Place, name: str, graves: Sequence[Grave]) -> None:
    number, _ = read_name(name) or (0, "")
    near = [grave for grave in graves if grave.segment >= number]
    packed = place.get(name)
    if not near or not packed:
        return
    lines = packed.splitlines(keepends=True)
    kept = [line for line in lines if not _lies(msgspec.json.decode(line, type=_Whose), number, near)]
    if len(kept) < len(lines):
        place.put(name, b"".join(kept))


class _Whose(Struct):
    shard: int
    logged: int
    n: int
    profile: str = ""


def _lies(line: _Whose, number: int, graves: Iterable[Grave]) -> bool:
    return any(
        grave.shard == line.shard
        and (number, line.logged, line.n) < (grave.segment, grave.logged, grave.n)
        and gravestone(line.profile) == grave.stone
        for grave in graves
    )


def _from_table(place: Place, name: str, graves: Sequence[Grave]) -> None:
    if name.startswith((AUDIT.name, LESSONS.name)):  # they tell of nobody
        return
    table = next(table for table in TABLES if name.startswith(f"{table.name}/"))
    with tempfile.TemporaryDirectory(prefix="parcours-") as folder, duck(Path(folder)) as db:
        files = Local(place, Path(folder)).files([name])
        if not files:
            return
        rows = f"read_parquet({quoted(files[0])}, hive_partitioning = false)"
        shards = ", ".join(sorted({str(grave.shard) for grave in graves}))
        stones = {grave.stone: grave for grave in graves}
        found = db.execute(f"SELECT DISTINCT profile FROM {rows} WHERE shard IN ({shards})").fetchall()
        gone = [(each, stones[stone]) for (each,) in found if (stone := gravestone(each)) in stones]
        if not gone:
            return
        lying = " OR ".join(
            f"(profile = {quoted(each)} AND shard = {grave.shard} AND "
            f"(segment, logged, n) < ({grave.segment}, {grave.logged}, {grave.n}))"
            for each, grave in gone
        )
        out = Path(folder) / "out.parquet"
        write_parquet(db, f"SELECT * FROM {rows} WHERE NOT ({lying})", out, table)
        place.put(name, out.read_bytes())
