"""The warehouse example: its queries find in an archive what the simulator, the report and the archive's rows say."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.archived import archive_events
from engine.define.workspace import Compiled, compile_sources
from engine.policy.wallclock import iso
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.measures.basis import Basis, window_of
from engine.report.measures.every import MEASURES
from engine.testing.run import run_file
from engine.testing.tally import Tally
from examples.warehouse import run
from tests.contract.replayed_week import files
from tests.contract.shop import HOUR, START


def lines() -> list[dict[str, Any]]:
    """Forty customers who join, agree, order, and of whom some come back and open what they got."""
    found: list[dict[str, Any]] = []

    def add(who: int, name: str, hours: float, by: str = "web", **properties: object) -> None:
        told = {"id": f"{name}-{who}-{hours}", "event": name, "at": iso(START + int(hours * HOUR)), "channel": by}
        known = {"customer_id": f"c{who}", "email": f"c{who}@fernhill.example"}
        found.append({**told, "profile": known, "properties": properties})

    for who in range(40):
        add(who, "account_created", 0, phone=f"+336123456{who:02d}")
        add(who, "consent_changed", 0.1, channel="email", purpose="marketing", state="granted")
        add(who, "order_placed", 1 + who / 10, "store" if who % 3 else "web", total=10 + who)
        if who % 4 == 0:
            add(who, "page_viewed", 9, page="thanks")
    return sorted(found, key=lambda each: str(each["at"]))


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_sources(files()).sound()


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("warehouse") / "events.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines()))
    return file


def test_its_figures_are_those_of_the_simulator_and_of_the_report(compiled: Compiled, events: Path) -> None:
    # given an archive of events, the same events in a simulation, and the report on the archive
    folder = events.parent / "archive"
    archive_events(compiled, events, open_place(str(folder)), until=START + 100 * HOUR)
    tally = Tally()
    run_file(compiled, events, tally.add, until=START + 100 * HOUR)
    # when the models are built
    db = run.build(folder)
    # then what was sent is what the simulation has sent, and so are starts, goals and refusals
    assert Counter(dict(_counts(db, "SELECT journey, message, channel, sent FROM channels"))) == tally.sent
    assert dict(_counts(db, "SELECT journey, CAST(sum(started) AS BIGINT) FROM journeys GROUP BY 1")) == {
        (name,): count for name, count in tally.started.items()
    }
    (goals,) = db.execute("SELECT sum(reached_goal) FROM journeys").fetchone() or (0,)
    assert goals == sum(tally.goals(name) for name in tally.started) > 0
    # and the report counts the same customers and runs
    with connect(open_place(str(folder)), folder) as archive:
        basis = Basis(archive, window_of(archive, compiled.plan), compiled.plan)
        reach = next(each for each in MEASURES if each.name == "reach").run(basis)
    told = dict(_counts(db, "SELECT channel, count(DISTINCT customer) FROM stg_events WHERE channel <> '' GROUP BY 1"))
    by_channel = next(table for table in reach.tables if table.title == "Channels")
    assert {(row[0],): row[1] for row in by_channel.rows} == told
    # and the tests find nothing, until there is something to find
    assert run.failing(db) == {}
    db.execute("INSERT INTO messages SELECT * FROM messages LIMIT 1")
    assert "message_ids_are_unique" in run.failing(db)


def test_a_reference_that_leads_nowhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match="no day of 'outcomes' yet"):
        run.build(tmp_path)
    models = {"a": "SELECT * FROM {{ ref('b') }}", "b": "SELECT * FROM {{ ref('a') }}"}
    monkeypatch.setattr(run, "read", lambda folder: models if folder == "marts" else {})
    with pytest.raises(ValueError, match="a -> b -> a: a circle"):
        run.build(tmp_path)


def _counts(db: Any, query: str) -> list[tuple[tuple[str, ...], int]]:
    return [(row[:-1], row[-1]) for row in db.execute(query).fetchall()]
