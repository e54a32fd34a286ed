"""The archive: everything once, whatever dies; without those who are erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.record import Record, Told
from engine.report.archive import segment
from engine.report.archive.archiver import Archiver
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.archive.work import turn
from engine.runtime import keys
from engine.runtime.blob import pack
from engine.runtime.erasure import gravestone
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.archiving import FOREVER, archive_and_die
from tests.contract.bucket import bucket
from tests.contract.shop import HOUR, START, Recording, agreed, joined, shop

ANA = profile_id("customer_id", "ana")


@pytest.fixture
def one(redis_url: str) -> Iterator[Store]:
    opened = Store.open(redis_url)
    yield opened
    opened.close()


def logged(store: Store, profile: str, number: int) -> None:
    """An entry of the log as a commit writes it: an event, a timer, two outcomes and a step."""
    event = Event(id=f"e{number}", name="order_placed", profile={"customer_id": profile}, at=START, received=START)
    inputs = [("event", event, f"customer_id:{profile}"), ("wake", "1-0")]
    records = [Record(at=START, profile=profile, label="x", kind=kind, journey="j") for kind in ("started", "sent")]
    fields = {"t": START, "p": profile, "f": "f1", "i": pack(inputs), "r": pack(records)}
    step = [Told(at=START, kind="step", journey="j", step="wait:1", message="wait")]
    store.redis.xadd(keys.log(shard_of(profile)), {**fields, "s": pack(step)})


def erased(store: Store, profile: str) -> None:
    shard = shard_of(profile)
    fields = {"t": START, "p": "", "f": "f1", "i": pack([("erase", gravestone(profile), 1)]), "r": b""}
    store.redis.xadd(keys.log(shard), fields)


def test_killed_twenty_times_it_has_everything_once_and_nobody_who_was_erased(one: Store, tmp_path: Path) -> None:
    folder, number, dead = str(tmp_path / "archive"), 0, 0
    # given customers to whom something happens all the time, one of whom is erased and comes back
    for time in range(20):
        for customer in range(12):
            number += 1
            logged(one, f"c{customer}", number)
        if time == 8:
            erased(one, "c3")
        # when the archiver is killed at another point each time
        dead += archive_and_die(one.url, folder, 1 + time % 13) == -9
    assert dead >= 15
    place = open_place(folder)
    one.redis.delete(keys.ARCHIVING)  # the last one was killed while it was at it
    while turn(one, place, 10, today=FOREVER):
        pass
    # then nothing is missing, nothing is there twice
    db = connect(place, tmp_path / "cache")
    gone = 9
    for table, each in (("events", 1), ("outcomes", 2), ("steps", 1)):
        rows = (number - gone) * each
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,)
        assert db.execute(f"SELECT count(DISTINCT (shard, logged, n, place)) FROM {table}").fetchone() == (rows,)
    assert db.execute("SELECT count(DISTINCT id) FROM events").fetchone() == (number - gone,)
    assert db.execute("SELECT count(*) FROM events WHERE profile = 'c3'").fetchone() == (20 - gone,)
    # and all of it is in tables, none in segments
    assert not place.names("segments/")
    assert not place.names("erasures/")


def test_what_happened_can_be_asked_in_sql_at_once_and_later(one: Store, tmp_path: Path) -> None:
    # given a customer who joins, is welcomed, and gets an offer
    engine = shop(one, Recording())
    engine.accept([agreed(), joined(phone="+33612345678")])
    drain(engine)
    place = open_place(str(tmp_path / "archive"))
    assert turn(one, place, 10)
    sent = "SELECT message, channel, journey, version <> '' FROM messages WHERE kind = 'sent'"

    def ask(query: str) -> list[tuple[object, ...]]:
        return connect(place, tmp_path / "cache").execute(query).fetchall()

    # then it is in the segments, and the same in the tables
    for _ in range(2):
        assert ask(sent) == [("welcome", "email", "welcome", True)]
        assert ask("SELECT event, happened, label FROM events WHERE id = 'e1'") == [
            ("account_created", START, "customer_id:ana")
        ]
        assert ask("SELECT verb, until FROM steps") == [("wait", START + 2 * HOUR)]
        assert ask("SELECT command FROM commands ORDER BY n, place, command") == [("leave",), ("settle",)]
        turn(one, place, 10, today=FOREVER)
    assert place.names("events/") == ["events/day=2025-11-25/000000000001-000000000001.parquet"]


def test_an_entry_that_is_too_long_for_one_line_is_the_same_in_several(
    one: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(one, "c1", 1)
    found = []
    for most, folder in ((segment.LONGEST, "whole"), (100, "parted")):
        monkeypatch.setattr(segment, "LONGEST", most)
        one.redis.delete(keys.ARCHIVE)
        place = open_place(str(tmp_path / folder))
        turn(one, place, 10)
        db = connect(place, tmp_path / "cache")
        tables = ("events", "commands", "steps")
        found.append([db.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in tables])
    assert found[0] == found[1]


def test_the_log_is_let_go_of_behind_the_archiver_only(one: Store, tmp_path: Path) -> None:
    # given a shard with a long log, all of it logged a while ago
    shard = shard_of("c1")
    for number in range(30):
        logged(one, "c1", number)
    one.archived = True
    shop(one, Recording()).sweep()
    assert one.redis.xlen(keys.log(shard)) == 30
    # when the archiver has it
    archiver = Archiver(one, open_place(str(tmp_path)), 10)
    assert archiver.take() == 30
    # then it stays for a minute, for whoever looks at what has just happened
    assert one.redis.xlen(keys.log(shard)) == 30


def test_an_archive_that_another_state_has_written_is_not_written_over(one: Store, tmp_path: Path) -> None:
    from engine.model.errors import SetupError

    logged(one, "c1", 1)
    turn(one, open_place(str(tmp_path)), 10)
    one.redis.flushall()
    other = Store.open(one.url)
    other.redis.hset(keys.META, "created", 7)
    logged(other, "c1", 1)
    with pytest.raises(SetupError, match="another state"):
        turn(other, open_place(str(tmp_path)), 10)
    assert json.loads((tmp_path / "manifest.json").read_text())["compacted"] == 0


def test_an_archive_may_lie_in_a_bucket(one: Store, tmp_path: Path) -> None:
    with bucket() as (url, held):
        place = open_place(url)
        # given several days' worth of segments and tables in a bucket
        for number in range(4):
            logged(one, f"c{number}", number)
            turn(one, place, 10, today=FOREVER)
        logged(one, "c0", 4)
        turn(one, place, 10)
        assert any(name.startswith("the/archive/segments/") for name in held)
        # then they can be asked, and a second time without fetching what has not changed
        for _ in range(2):
            db = connect(place, tmp_path / "cache")
            assert db.execute("SELECT count(*), count(DISTINCT id) FROM events").fetchone() == (5, 5)
            db.close()
        # and who is erased goes from there, and from the copies as well
        erased(one, "c1")
        turn(one, place, 10, today=FOREVER)
        db = connect(place, tmp_path / "cache")
        assert db.execute("SELECT count(*) FROM events WHERE profile = 'c1'").fetchone() == (0,)
        assert not any(b'"c1"' in data for data in held.values())
        assert not any(b"customer_id:c1" in file.read_bytes() for file in tmp_path.rglob("*.parquet"))
