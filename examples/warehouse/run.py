"""Runs the queries of this folder over an archive with DuckDB: `python examples/warehouse/run.py ARCHIVE [MODEL ...]`.

A model is a file with one SELECT. `{{ ref('name') }}` is another model, `{{ source('archive', 'table') }}` a table of
the archive, as in dbt. A test is a query that must find nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
_REF = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
_SOURCE = re.compile(r"\{\{\s*source\('archive',\s*'(\w+)'\)\s*\}\}")


def read(folder: str) -> dict[str, str]:
    """The queries of a folder, by the names of their files."""
    return {file.stem: file.read_text("utf-8") for file in sorted((HERE / folder).glob("*.sql"))}


def query_of(text: str, archive: Path) -> str:
    """A model as DuckDB takes it. Raises FileNotFoundError when the archive has no such table."""

    def source(found: re.Match[str]) -> str:
        files = archive / found[1] / "*" / "*.parquet"
        if not any(archive.glob(f"{found[1]}/*/*.parquet")):
            raise FileNotFoundError(f"{files}: the archive has no day of '{found[1]}' yet.")
        return f"read_parquet('{files}', union_by_name = true, hive_partitioning = false)"

    return _REF.sub(r"\1", _SOURCE.sub(source, text)).strip().rstrip(";")


def build(archive: Path) -> duckdb.DuckDBPyConnection:
    """Every model as a table, each after those that it refers to. Raises ValueError for a circle or an unknown ref."""
    models, db = read("staging") | read("marts"), duckdb.connect()
    made: set[str] = set()

    def make(name: str, within: tuple[str, ...]) -> None:
        if name in made:
            return
        if name in within or name not in models:
            raise ValueError(f"{' -> '.join((*within, name))}: {'a circle' if name in within else 'no such model'}")
        for other in _REF.findall(models[name]):
            make(other, (*within, name))
        db.execute(f"CREATE TABLE {name} AS {query_of(models[name], archive)}")
        made.add(name)

    for name in models:
        make(name, ())
    return db


def failing(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The tests that found something, and how much."""
    found = {name: len(db.execute(query_of(text, HERE)).fetchall()) for name, text in read("tests").items()}
    return {name: count for name, count in found.items() if count}


def main() -> int:
    """Exit code 0; 1 when a test fails."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    db = build(Path(sys.argv[1]))
    for name in sys.argv[2:] or read("marts"):
        print(f"\n{name}")
        db.table(name).show(max_width=120)
    for name, count in (wrong := failing(db)).items():
        print(f"test {name}: {count:,} rows", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
