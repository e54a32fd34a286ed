"""The grocer's year as an archive, without running anything: `python -m examples.grocer.past FOLDER [HOUSEHOLD ...]`.

The year goes through the journeys in virtual time; what happened is written as an installation's archiver writes it. So
`parcours report -w examples/grocer --archive FOLDER` can be tried on it. Steps without an outcome and answers of
placements are not among it: virtual time keeps none.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any

import msgspec

from engine.define.folder import compile_folder
from engine.model.ids import profile_id, shard_of
from engine.model.record import Record
from engine.report.archive.compact import compact
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import open_place
from engine.report.archive.segment import day_of, name_of
from engine.testing.run import run_file, until_instant
from examples.grocer.demo import END, HOME
from examples.grocer.events import write

LINES = 50_000  # of one segment
FOREVER = "9999-12-31"


def past(folder: Path, households: Iterable[int | str] | None = None) -> int:
    """Write the archive of the year, of all households or some, to an empty folder; how many events it has."""
    place = open_place(str(folder))
    manifest = Manifest(store=0)
    put_manifest(place, manifest)
    records: list[Record] = []
    with tempfile.TemporaryDirectory() as kept:
        file = Path(kept) / "year.jsonl"
        count = write(file, households)
        compiled = compile_folder(HOME).sound()
        run_file(compiled, file, records.append, until=until_instant(END))
        plan = compiled.plan.fingerprint
        told = (
            {**_head(each.profile, each.at, plan), "outcomes": [_outcome(each)]} for each in records if each.profile
        )
        pages = _pages(merge(_events(file, plan), sorted(told, key=_when), key=_when))
        for number, lines in enumerate(pages, start=1):
            place.put(name_of(number, day_of(lines[0]["decided"])), _written(lines))
    while compact(place, manifest, FOREVER):
        pass
    return count


def _when(line: dict[str, Any]) -> int:
    at: int = line["decided"]
    return at


def _head(profile: str, at: int, plan: str) -> dict[str, Any]:
    return {"shard": shard_of(profile), "logged": at, "n": 0, "decided": at, "profile": profile, "plan": plan}


def _events(file: Path, plan: str) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            event = msgspec.json.decode(line)
            at = int(datetime.fromisoformat(event["at"]).timestamp() * 1000)
            ((name, value),) = event["profile"].items()
            told = {"place": 0, "name": event.pop("event"), "received": at, **event, "at": at}
            yield {**_head(profile_id(name, value), at, plan), "events": [told]}


def _outcome(record: Record) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(record)
    return {name: value for name, value in told.items() if name not in ("label", "profile")}


def _pages(lines: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The lines in pages, numbered so that their order is known where their instant is the same."""
    page: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        line["n"] = number
        page.append(line)
        if len(page) == LINES:
            yield page
            page = []
    if page:
        yield page


def _written(lines: Iterable[dict[str, Any]]) -> bytes:
    encode = msgspec.json.Encoder().encode
    return b"".join(encode(line) + b"\n" for line in lines)


def main() -> None:
    """The command line."""
    if len(sys.argv) < 2:
        sys.exit("Say where: python -m examples.grocer.past FOLDER [HOUSEHOLD ...]")
    count = past(Path(sys.argv[1]), sys.argv[2:] or None)
    print(f"{count:,} events archived: parcours report -w {HOME} --archive {sys.argv[1]}")


if __name__ == "__main__":
    main()
