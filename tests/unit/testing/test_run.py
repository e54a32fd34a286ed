"""A whole file: counts, where it stops, and that several processes tell the same story."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from engine.define.folder import compile_folder
from engine.model.errors import BadEvent
from engine.model.record import Record
from engine.policy.wallclock import iso
from engine.testing.output import to_json
from engine.testing.run import Done, learns_on_the_way, run_file, run_lines, until_instant
from engine.testing.tally import Tally
from tests.story import VOCABULARY, compiled, ms
from tests.unit.journey.world import NAMES, PLAN
from tests.unit.testing.lines import line

TOKENS = [f"t{number}" for number in range(60)]
HOURS = "journey: j\nstart: {event: booked, key: event.booking_id}\nsteps: [{wait: 1h}]\n"


def random_file(seed: int, count: int) -> list[bytes]:
    """Events of forty customers, some late, some twice, some that are none."""
    chance = random.Random(seed)
    now, lines = ms("2026-03-27T06:00:00Z"), []
    for number in range(count):
        now += chance.choice([0, 0, 1_000, 60_000, 1_800_000])
        name = chance.choice([*NAMES, *["joined", "consent_changed", "basket_updated"] * 3])
        # a device has up to three users: what one of them refuses is refused for all
        given = {key: chance.choice(values) for key, values in NAMES.get(name, {"push_token": TOKENS}).items()}
        late = chance.choice([0, 0, 0, 3_600_000, 300_000_000])
        who = f"p{chance.randrange(40)}"
        twice = f"n{number - 1}" if chance.random() < 0.05 else f"n{number}"
        lines.append(line(iso(now - late), name, who, id=twice, received=iso(now), **given))
        if chance.random() < 0.05:
            lines.append(chance.choice([b"{broken\n", b"\xff\n", b"\n", line(iso(now), "unheard_of")]))
    return lines


@pytest.mark.parametrize("seed", [1, 2])
def test_two_processes_tell_the_same_in_the_same_order_as_one(seed: int, tmp_path: Path) -> None:
    lines = random_file(seed, 600)
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"".join(lines))
    one: list[bytes] = []
    two: list[bytes] = []
    alone = run_lines(PLAN, lines, lambda record: one.append(to_json(record)))
    shared = run_file(PLAN, file, lambda record: two.append(to_json(record)), jobs=2)
    assert len(one) > 300
    assert any(b'"set_aside"' in text for text in one)
    assert one == two
    alone.seconds = shared.seconds = 0
    assert alone == shared
    assert alone.duplicates > 0


def test_counts_and_where_a_run_stops() -> None:
    lines = [
        line("2026-03-02T08:00:00Z", "booked", booking_id="k1"),
        b"broken\n",
        line("2026-03-02T08:00:00Z", "booked", booking_id="k1"),
        line("2026-03-02T08:30:00Z", "booked", "bob", booking_id="k1"),
        line("2026-03-02T09:30:00Z", "booked", "eve", booking_id="k1"),
    ]
    records: list[Record] = []
    told: list[int] = []
    until = until_instant("2026-03-02T09:00:00Z")
    done = run_lines(
        compiled(HOURS), lines, records.append, until=until, progress=lambda done: told.append(done.events)
    )
    assert (done.events, done.duplicates, done.set_aside, done.profiles) == (2, 1, 1, 2)
    assert (done.first, done.last) == (ms("2026-03-02T08:00:00Z"), ms("2026-03-02T08:30:00Z"))
    assert [record.kind for record in records] == ["started", "set_aside", "started", "ended"]
    assert records[1].reason.startswith("line 2: line: this is not JSON")
    assert told == [2]


def test_a_file_without_events_is_a_run_of_nothing(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_bytes(b"\n\n")
    done = run_file(compiled(HOURS), file, lambda record: None)
    done.seconds = 0
    assert done == Done()


def test_an_instant_without_a_zone_is_utc_and_what_is_none_is_refused() -> None:
    assert until_instant("2026-03-02T09:00:00") == ms("2026-03-02T09:00:00Z")
    assert until_instant("2026-03-02T10:00:00+01:00") == ms("2026-03-02T09:00:00Z")
    with pytest.raises(BadEvent, match="--until: 'tomorrow' is no instant: write 2026-03-01T08:00:00Z"):
        until_instant("tomorrow")


def test_a_tally_adds_up_to_the_records() -> None:
    tally = Tally()
    records: list[Record] = []
    run_lines(PLAN, random_file(3, 400), records.append)
    for record in records:
        tally.add(record)
    many = tally.started.total() + tally.sent.total() + tally.held.total() + tally.refused.total()
    assert many + tally.ended.total() + tally.other.total() == len(records)
    assert tally.started.total() == tally.ended.total() > 0
    goals = [record for record in records if record.kind == "ended" and record.reason.startswith("goal")]
    assert tally.goals("basket") == len(goals)
    assert all(name in ("basket", "notice") for name in tally.started)


def test_customers_who_are_merged_meet_in_one_process(tmp_path: Path) -> None:
    lines = []
    for n in range(40):
        told = [
            ("a", {"phone": f"06 12 34 56 {n:02}"}, "booked", {"booking_id": "k1"}),
            ("b", {"customer_id": f"c{n}"}, "booked", {"booking_id": "k1"}),
            ("c", {"customer_id": f"c{n}", "phone": f"+336123456{n:02}"}, "identified", {}),
            ("d", {"phone": f"00336123456{n:02}"}, "moved", {"timezone": "Asia/Tokyo"}),
        ]
        for minute, (id_, who, name, given) in enumerate(told):
            raw = {"id": f"{id_}{n}", "event": name, "profile": who, "at": iso(1_764_064_800_000 + minute * 60_000)}
            lines.append((minute, json.dumps({**raw, "properties": given}).encode() + b"\n"))
    lines.sort(key=lambda each: each[0])
    text = [each for _, each in lines]
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"".join(text))
    work = compiled(HOURS, vocabulary=VOCABULARY.replace("vocabulary:\n", "vocabulary:\n  country: FR\n", 1))
    one: list[bytes] = []
    two: list[bytes] = []
    alone = run_lines(work, text, lambda record: one.append(to_json(record)))
    shared = run_file(work, file, lambda record: two.append(to_json(record)), jobs=2)
    assert sum(b'"kind":"merged"' in each for each in one) == 40
    assert one == two
    assert alone.profiles == shared.profiles == 40


def test_where_customers_learn_from_each_other_one_process_does_it_all() -> None:
    plan = compile_folder(Path(__file__).resolve().parents[2] / "cases/next_best").sound().plan

    assert learns_on_the_way(plan)
    assert not learns_on_the_way(replace(plan, journeys={}))
    fixed = {name: each for name, each in plan.actions.items() if not each.propensity.learn}
    assert not learns_on_the_way(replace(plan, actions=fixed))
