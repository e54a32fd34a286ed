"""Every figure about customers, worked out once more in plain Python over a made-up half year, agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import mean

import pytest
from duckdb import DuckDBPyConnection

from benchmarks.past import SHARES, START, rows_of_past
from engine.define.folder import compile_folder
from engine.report.archive.duck import duck
from engine.report.archive.tables import TABLES
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Window
from tests.unit.report.measures import plain
from tests.unit.report.measures.plain import DAY, Person
from tests.unit.report.measures.small import by_first, measure, near, table

ROOT = Path(__file__).resolve().parents[4]
WINDOW = Window(START + 90 * DAY + 12_345, START + 180 * DAY - 777, "Europe/Paris")
# What a real archive has now and then: ties, what came twice, no channel, no amount, a text for one, amounts below 0.
ODD = (
    "UPDATE events SET happened = happened // 60000 * 60000 WHERE hash(id) % 3 = 0",
    "UPDATE events SET channel = '' WHERE hash(id) % 29 = 0",
    "UPDATE events SET depth = 1 WHERE hash(id) % 31 = 0",
    "UPDATE events SET dead = true WHERE hash(id) % 37 = 0",
    "UPDATE events SET id = 'again' WHERE hash(id) % 41 = 0",
    """UPDATE events SET properties = '{"total": "12.5", "score": "9", "order_id": null}' WHERE hash(id) % 43 = 0""",
    """UPDATE events SET properties = '{"total": -7.25, "amount": -3}' WHERE hash(id) % 47 = 0""",
    "UPDATE events SET properties = NULL WHERE hash(id) % 53 = 0",
    """UPDATE events SET properties = '{"total": 3.1, "order_id": "twice", "score": 10}' WHERE hash(id) % 9 = 0""",
    """UPDATE events SET event = 'sale_assisted' WHERE hash(id) % 61 = 0""",
    "UPDATE events SET channel = 'épicerie ''ÿ' WHERE hash(id) % 67 = 0",
    "UPDATE events SET happened = happened - 34560000000 WHERE hash(id) % 71 = 0",
)
MERGED = "INSERT INTO outcomes BY NAME SELECT 'merged' AS kind, 1 AS decided, ? AS profile, ? AS extra"


@pytest.fixture(scope="module")
def basis() -> Basis:
    db = duck()
    for one in TABLES:
        count = int(12_000 * SHARES.get(one.name, 0))
        db.execute(f"CREATE TABLE {one.name} AS FROM ({rows_of_past(one, count, customers=150, days=180)})")
    for query in ODD:
        db.execute(query)
    for absorbed, keeper in ((1, 2), (2, 3), (4, 3), (10, 11), (140, 20)):
        db.execute(MERGED, [f"c{keeper:024d}", f'{{"from": "c{absorbed:024d}"}}'])
    return Basis(db, WINDOW, compile_folder(ROOT).plan)


@pytest.fixture(scope="module")
def them(basis: Basis) -> dict[str, Person]:
    return plain.people(basis.db, basis.report, WINDOW)


def sizes(them: dict[str, Person]) -> dict[str, int]:
    return {name: len(each.channels(WINDOW.since, WINDOW.until)) for name, each in them.items()}


def test_reach(basis: Basis, them: dict[str, Person]) -> None:
    used = {name: many for name, many in sizes(them).items() if many}
    buyers = {name for name, each in them.items() if each.bought(WINDOW.since, WINDOW.until)}
    expected = [
        (k, n, n / len(used), sum(1 for name in used if used[name] == k and name in buyers))
        for k, n in sorted(Counter(used.values()).items())
    ]
    found = measure("reach", basis)

    assert table(found, "Customers by number of channels") == expected
    sets = Counter(" + ".join(sorted(them[name].channels(WINDOW.since, WINDOW.until))) for name in used)
    assert {row[0]: row[1] for row in table(found, "Which channels together")}.items() <= sets.items()


def test_value_and_retention(basis: Basis, them: dict[str, Person]) -> None:
    since, until = WINDOW.since, WINDOW.until
    before = 2 * since - until
    value = by_first(table(measure("value", basis), "Value by number of channels"))
    retention = by_first(table(measure("retention", basis), "Retention"))
    groups = sizes(them)
    for k, row in value.items():
        own = [each for name, each in them.items() if groups[name] == k and (k or _money(each))]
        margins = [each for one in own for each in one.margin(since, until)]
        assert row[:3] == (
            len(own),
            sum(bool(e.bought(since, until)) for e in own),
            sum(len(e.bought(since, until)) for e in own),
        )
        assert row[3] == float(sum(e.revenue(since, until) for e in own))
        assert row[4] == float(sum(margins))
        assert row[7] == near(float(sum(sum(e.margin(0, until)) for e in own)) / len(own), rel=1e-15)
        old = [e for e in them.values() if e.bought(before, since) and len(e.channels(before, since)) == k]
        back = sum(bool(e.bought(since, until)) for e in old)
        assert retention.get(k, (0, 0))[:2] == (len(old), back)
        assert row[8:10] == (len(old), back / len(old) if old else None)


def _money(person: Person) -> bool:
    return any(each.money and WINDOW.since <= each.at < WINDOW.until for each in person.events)


def test_churn(basis: Basis, them: dict[str, Person]) -> None:
    lives = plain.lives(them, basis.report, WINDOW)
    lives["all"] = sum(lives.values(), Counter())
    found = measure("churn", basis)

    for title, what in (("Until they buy again", "again"), ("Until they are lost", "lost")):
        rows = table(found, title)
        assert {row[0] for row in rows} == set(lives)
        for group, customers, events, _, days, share, *_ in rows:
            own = lives[str(group)]
            assert customers == sum(n for (kind, _, _), n in own.items() if kind == what)
            assert events == sum(n for (kind, _, came), n in own.items() if kind == what and came)
            assert share == near(plain.kaplan_meier(own, what, int(days or 0)), rel=1e-12)


def test_transitions(basis: Basis, them: dict[str, Person]) -> None:
    every = list(plain.paths(them, basis.report, WINDOW))
    closed = [(stops, end) for stops, end in every if end != "OPEN"]
    moves = Counter(pair for stops, end in closed for pair in zip(["START", *stops], [*stops, end], strict=True))
    found = measure("transitions", basis)

    assert {row[0]: row[1] for row in table(found, "Paths")} == Counter(end for _, end in every)
    assert {(row[0], row[1]): row[2] for row in table(found, "Transitions")} == moves
    words = Counter(" > ".join(["START", *stops, end]) for stops, end in closed)
    assert [row[1] for row in table(found, "Most frequent sequences")] == sorted(words.values(), reverse=True)[:10]
    whole = _absorbed(moves, "")
    for channel, effect, *_ in table(found, "Removal effect"):
        assert effect == near(1 - _absorbed(moves, str(channel)) / whole, abs=1e-9)


def _absorbed(moves: Counter[tuple[str, str]], without: str) -> float:
    """The chance to come to BUY, by walking on until hardly anybody is under way."""
    at, bought = {"START": 1.0}, 0.0
    for _ in range(2_000):
        following: dict[str, float] = {}
        for node, chance in at.items():
            total = sum(many for (source, _), many in moves.items() if source == node)
            for (source, target), many in moves.items():
                if source == node and target not in (without, "DROP"):
                    following[target] = following.get(target, 0.0) + chance * many / total
        bought += following.pop("BUY", 0.0)
        at = {node: chance for node, chance in following.items() if chance > 1e-13}
    return bought


def test_baskets(basis: Basis, them: dict[str, Person]) -> None:
    rows = by_first(table(measure("abandonment", basis), "Abandoned baskets"))
    keys = ("abandoned", "open", "decided", "recovered")

    found = {channel: row[:4] for channel, row in rows.items()}
    assert found == {
        channel: tuple(each[k] for k in keys) for channel, each in plain.baskets(them, basis.report, WINDOW).items()
    }


@pytest.mark.parametrize("name", ["csat", "nps", "ces"])
def test_satisfaction(basis: Basis, them: dict[str, Person], name: str) -> None:
    answers = plain.answered(them, basis.report, WINDOW, name)
    found = measure("satisfaction", basis)
    figures: dict[str, Callable[[list[Decimal]], float]] = {
        "csat": lambda marks: sum(1 for each in marks if each >= 8) / len(marks),
        "nps": lambda marks: 100 * (sum(e >= 9 for e in marks) / len(marks) - sum(e <= 6 for e in marks) / len(marks)),
        "ces": lambda marks: float(mean(marks)),
    }
    for at, what in ((1, "channel"), (2, "transition")):
        expected = {}
        for group in {str(each[at]) for each in answers if each[at]}:
            marks = [each[0] for each in answers if each[at] == group]
            expected[group] = (len(marks), near(figures[name](marks), abs=1e-9))
        rows = table(found, f"{name.upper()} by {what}")
        assert {row[0]: row[1:3] for row in rows if row[0] != "all"} == expected


def test_crossing_and_response_times(basis: Basis, them: dict[str, Person]) -> None:
    report = basis.report
    rows = by_first(table(measure("crossing", basis), "Between the channels"))
    for name, to, before in (
        ("web-to-store", report.physical, report.digital),
        ("store-to-web", report.digital, report.physical),
    ):
        count, those, revenue = plain.crossed(them, report, WINDOW, to, before)
        assert (*rows[name][:2], rows[name][5]) == (count, those, float(revenue))

    promises = {"social": 600_000}
    times = by_first(table(measure("service", basis), "Response times"))
    took = plain.responses(them, report, WINDOW)
    assert times.keys() == took.keys()
    for channel, every in took.items():
        done = [each for each in every if each is not None]
        row = times[channel]
        assert row[:2] == (len(every), len(done))
        assert row[6] == sum(1 for each in done if each <= promises.get(channel, 1_800_000))
        if done:
            assert row[2:4] == (near(plain.between(done, 0.5)), near(plain.between(done, 0.95)))


def test_costs(basis: Basis, them: dict[str, Person]) -> None:
    service = measure("service", basis)
    query = (
        "SELECT channel, count(*) FROM outcomes WHERE kind = 'sent' AND decided >= ? AND decided < ? GROUP BY channel"
    )
    sent = dict(_rows(basis.db, query))
    cases = sum(
        1
        for each in them.values()
        for e in each.events
        if e.name == "case_opened" and WINDOW.since <= e.at < WINDOW.until
    )

    rows = by_first(table(service, "What serving costs"))
    assert rows["case_opened"] == (cases, 4.5 * cases)
    assert rows["messages by sms"] == (sent["sms"], near(0.06 * sent["sms"]))
    fifths = table(service, "Cost to serve against value")
    both = [name for name, each in them.items() if _money(each)]
    assert sum(int(row[1] or 0) for row in fifths) >= len(both)
    assert near(sum(float(row[2] or 0) for row in fifths)) == float(
        sum(each.revenue(WINDOW.since, WINDOW.until) for each in them.values())
    )


def _rows(db: DuckDBPyConnection, query: str) -> list[tuple[str, int]]:
    return [(str(a), int(b)) for a, b in db.execute(query, [WINDOW.since, WINDOW.until]).fetchall()]
