"""A small archive on a disk, with the definitions it was made by."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.report.archive.compact import file_of, write_parquet
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import open_place
from engine.report.archive.plans import FOLDER, Released
from engine.report.archive.tables import TABLES, Table
from tests.story import workspace
from tests.unit.report.measures.small import JOURNEY, REPORT, VOCABULARY, Small

DAY = "2026-03-01"


def archive(folder: Path, rows: Small, without: tuple[str, ...] = ()) -> Path:
    """Write the rows as an archive; `without` these columns, as an older release wrote it."""
    place = open_place(str(folder))
    put_manifest(place, Manifest(store=0, compacted=1))
    sources = workspace(JOURNEY, vocabulary=VOCABULARY, others=[REPORT])
    place.put(f"{FOLDER}p.json", msgspec.json.encode(Released("p", 0, "", {}, sources)))
    with rows.database() as db:
        for table in TABLES:
            out = folder / "out.parquet"
            columns = tuple(each for each in table.columns if each.name not in without)
            shown = ", ".join(f'"{each.name}"' for each in columns)
            write_parquet(db, f"SELECT {shown} FROM {table.name}", out, Table(table.name, table.about, columns))
            place.put(file_of(table, DAY, 1, 1), out.read_bytes())
            out.unlink()
    return folder
