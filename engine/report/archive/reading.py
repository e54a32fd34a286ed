"""Reading an archive: every table as a view in DuckDB, closed days and the present one alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.errors import SetupError
from engine.model.words import Words
from engine.report.archive.duck import duck, listed
from engine.report.archive.local import Local
from engine.report.archive.manifest import read_manifest
from engine.report.archive.place import Place
from engine.report.archive.segment import FOLDER, read_name
from engine.report.archive.tables import TABLES, Table, lines_of, rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What is read so often that it has a name of its own.
VIEWS = {
    "receipts": "SELECT *, json_extract_string(properties, '$.message') AS message FROM events "
    "WHERE event IN ('delivered', 'opened', 'clicked', 'bounced')",
    "messages": "SELECT * FROM outcomes WHERE kind IN ('sent', 'held', 'refused', 'expired', 'cancelled', 'withdrawn', "
    "'held_out', 'unknown', 'retried')",
}


def connect(place: Place, folder: Path, *, memory: str = "4GB", threads: int = 2) -> DuckDBPyConnection:
    """A database with a view for each table, and those of VIEWS. Copies of what lies in a bucket are kept in `folder`
    for the next time. Raises SetupError when there is no archive."""
    manifest = read_manifest(place)
    if manifest is None:
        raise SetupError(Words("There is no archive at this place yet."))
    marks: dict[str, tuple[int, str]] = {}
    for name, mark in place.sizes(FOLDER).items():
        found = read_name(name)
        if found is not None and found[0] > manifest.compacted and mark[0]:
            marks[name] = mark
    segments = list(marks)
    for table in TABLES:
        for name, mark in place.sizes(f"{table.name}/").items():
            if not _under_way(name, manifest.compacting):
                marks[name] = mark
    files = dict(zip(marks, Local(place, folder).kept(marks), strict=True))
    db = duck(folder if folder.is_dir() else None, memory, threads)
    if segments:
        db.execute(f"CREATE VIEW lines AS {lines_of(listed([files[name] for name in segments]))}")
    for table in TABLES:
        parquet = [file for name, file in files.items() if name.startswith(f"{table.name}/")]
        db.execute(f"CREATE VIEW {table.name} AS {_rows(table, parquet, bool(segments))}")
    for name, query in VIEWS.items():
        db.execute(f"CREATE VIEW {name} AS {query}")
    return db


def _under_way(name: str, compacting: tuple[int, int] | None) -> bool:
    """Whether a file belongs to a compaction that has not come to its end: its segments are still there."""
    return compacting is not None and name.rpartition("/")[2].startswith(f"{compacting[0]:012d}-")


def _rows(table: Table, parquet: list[Path], lines: bool) -> str:
    parts = [rows_of(table, "lines")] if lines else []
    nothing = ", ".join(f'NULL::{each.type} AS "{each.name}"' for each in table.columns)
    if parquet:
        # an archive may be older than a column: what its files do not have is NULL
        files = f"SELECT * FROM read_parquet([{listed(parquet)}], union_by_name = true)"
        names = ", ".join(f'"{each.name}"' for each in table.columns)
        parts.append(f"SELECT {names} FROM (SELECT {nothing} WHERE false UNION ALL BY NAME {files})")
    return " UNION ALL ".join(parts) if parts else f"SELECT {nothing} WHERE false"
