"""The archive: how fast what was logged is taken and made into tables, and how soon a million rows can be asked."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure
from benchmarks.past import a_past
from engine.model.event import Event
from engine.model.ids import shard_of
from engine.model.message import SendOutcome
from engine.model.record import Record, Told
from engine.report.archive.archiver import Archiver
from engine.report.archive.compact import compact
from engine.report.archive.manifest import read_manifest
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.archive.tables import TABLES
from engine.runtime import keys
from engine.runtime.blob import pack
from engine.runtime.embedded import find_or_bring
from engine.runtime.overheard import Overheard
from engine.runtime.store import Store
from engine.settings import load

START = 1_764_064_800_000
FOREVER = "9999-12-31"
LOG_MOST = 4_000
ASKED = "SELECT journey, channel, rule, count(*) FROM outcomes GROUP BY ALL"


def archive(scale: float) -> list[Measure]:
    """Entries like those of a shop: two of four are orders that start a journey, the others send a message."""
    count = int(200_000 * scale)
    with tempfile.TemporaryDirectory() as folder, find_or_bring(load(workspace=Path(folder), redis_url=None)) as server:
        store, place = Store.open(server.url), open_place(f"{folder}/archive")
        _log(store, count)
        begun = time.perf_counter()
        taken = Archiver(store, place, LOG_MOST).take(600)
        took = time.perf_counter() - begun
        manifest = read_manifest(place)
        assert manifest is not None
        begun = time.perf_counter()
        while compact(place, manifest, FOREVER):
            pass
        compacted = time.perf_counter() - begun
        with connect(place, Path(folder)) as db:
            found = [db.execute(f"SELECT count(*) FROM {table.name}").fetchone() for table in TABLES]
        rows = sum(each[0] for each in found if each is not None)
        store.close()
    assert taken == count
    return [
        Measure("archived, in one process", rows / took, "rows/s", target=20_000),
        Measure("entries of the log archived", count / took, "/s"),
        Measure("made into tables", rows / compacted, "rows/s"),
        *_asked(int(1_000_000 * scale)),
    ]


def _asked(rows: int) -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        place = open_place(folder)
        a_past(place, rows)
        begun = time.perf_counter()
        with connect(place, Path(folder)) as db:
            opened = time.perf_counter() - begun
            db.execute(ASKED).fetchall()
            asked = time.perf_counter() - begun - opened
    return [
        Measure(f"opening {rows:,} archived rows", opened * 1000, "ms"),
        Measure("one question to them", asked * 1000, "ms"),
    ]


def _log(store: Store, count: int) -> None:
    """So many entries in the logs of all shards."""
    pipe = store.pipeline()
    for number in range(count):
        profile, at = f"c{number % 5_000:024d}", START + number * 1_000
        fields = {"t": at, "p": profile, "f": "16d0920000fd1cdf", **_fields(number, profile, at)}
        pipe.xadd(keys.log(shard_of(profile)), fields)
        if number % 5_000 == 4_999:
            pipe.execute()
    pipe.execute()


def _fields(number: int, profile: str, at: int) -> dict[str, bytes]:
    message = f"m{number:026d}"
    told: dict[str, Any] = {"at": at, "journey": "welcome", "version": "24fad6523ff2"}
    if number % 4 == 2:
        return {"i": pack([("leave", message, Overheard(provider="smtp"))]), "r": b""}
    if number % 4 == 3:
        outcome = ("settle", message, Overheard(), SendOutcome("accepted", provider_id="p1"))
        sent = Record(profile=profile, kind="sent", id=message, channel="email", step="send:welcome", **told)
        return {"i": pack([outcome]), "r": pack([sent])}
    lines = [{"sku": "a1", "qty": 2}, {"sku": "b7", "qty": 1}]
    order = {"total": 12.5, "store": "lyon", "lines": lines}
    known = {"customer_id": profile}
    event = Event(id=f"e{number}", name="order_placed", profile=known, at=at, received=at, properties=order)
    started = Record(profile=profile, kind="started", id=f"e{number}", place="journeys/welcome.yaml:4", **told)
    step = Told(kind="step", step="wait:2h", message="wait", id=f"e{number}", **told)
    return {"i": pack([("event", event)]), "r": pack([started]), "s": pack([step])}
