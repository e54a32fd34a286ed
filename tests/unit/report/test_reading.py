"""An archive that is older than a column can be read: what its files do not have is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.report.archive.duck import duck, quoted
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.archive.tables import OUTCOMES


@pytest.mark.parametrize("newer", [False, True])
def test_files_without_a_column_stand_beside_files_with_it(tmp_path: Path, newer: bool) -> None:
    # given a file of outcomes from before messages told their purpose, alone or beside one from after that
    place = open_place(str(tmp_path))
    put_manifest(place, Manifest(store=1, compacted=2))
    before = [each for each in OUTCOMES.columns if each.name != "purpose"]
    for number, columns in ((1, before), (2, list(OUTCOMES.columns)))[: 2 if newer else 1]:
        row = ", ".join(
            f"CAST({quoted(each.name) if each.type == 'VARCHAR' else number} AS {each.type}) AS {each.name}"
            for each in reversed(columns)  # nor does their order matter
        )
        file = tmp_path / f"outcomes/day=1970-01-0{number}/{number:012d}-{number:012d}.parquet"
        file.parent.mkdir(parents=True)
        with duck() as db:
            db.execute(f"COPY (SELECT {row}) TO {quoted(file)} (FORMAT parquet)")
    # when it is read
    with connect(place, tmp_path / "copies") as db:
        rows = db.execute("SELECT segment, kind, channel, purpose FROM outcomes ORDER BY segment").fetchall()
        kinds = db.execute("SELECT count(*) FROM messages").fetchone()
    # then every column is its own, and the missing one is NULL
    assert rows == [(1, "kind", "channel", None), (2, "kind", "channel", "purpose")][: 2 if newer else 1]
    assert kinds == (0,)
