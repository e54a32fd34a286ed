"""Every figure about what the engine did, worked out once more in plain Python, agrees to the last digit."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from math import ceil, sqrt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.model.reporting import OURS
from engine.model.span import DAY
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Window
from tests.story import compiled
from tests.unit.report.measures.doings import Doings, doings
from tests.unit.report.measures.small import END, JOURNEY, START, VOCABULARY, measure, table

pytestmark = pytest.mark.slow
Row = dict[str, Any]
ZONE = "Europe/Paris"  # its clock goes forward within the window


@pytest.fixture(scope="module")
def made() -> Doings:
    return doings()


@pytest.fixture(scope="module")
def basis(made: Doings) -> Basis:
    plan = compiled(JOURNEY, vocabulary=VOCABULARY).plan
    return Basis(made.database(), Window(START, END, ZONE), plan)


def who(profile: str) -> str:
    return "c1" if profile == "c2" else profile  # they were merged


def inside(rows: Iterable[Row], at: str = "decided") -> list[Row]:
    return [row for row in rows if START <= row[at] < END]


def rank(values: Iterable[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered) - 1e-9), 1) - 1]


def week(at: int) -> tuple[int, int]:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(ZONE)).isocalendar()[:2]


def is_act(row: Row) -> bool:
    return not row["dead"] and not row["depth"] and row["channel"] != "" and row["event"] not in OURS


def services(basis: Basis) -> set[str]:
    return {"internal", *(name for name, each in basis.plan.policies.purposes.items() if each.transactional)}


def test_pressure(basis: Basis, made: Doings) -> None:
    found = measure("pressure", basis)
    told = [r for r in inside(made.outcomes) if r["kind"] == "sent" and r["purpose"] not in services(basis)]
    active = {(who(r["profile"]), week(r["happened"])) for r in inside(made.events, "happened") if is_act(r)}
    active |= {(who(r["profile"]), week(r["decided"])) for r in told}

    rows: list[tuple[Cell, ...]] = []
    for channel in ["all", *sorted({r["channel"] for r in told})]:
        counts = Counter((who(r["profile"]), week(r["decided"])) for r in told if channel in ("all", r["channel"]))
        numbers = [counts[each] for each in active]
        rows.append(
            (
                channel,
                len(active),
                sum(numbers),
                sum(numbers) / len(active),
                rank(numbers, 0.5),
                rank(numbers, 0.95),
                max(numbers),
            )
        )
    assert table(found, "Marketing messages in an active week of a customer") == rows

    spread = Counter(Counter((who(r["profile"]), week(r["decided"])) for r in told)[each] for each in active)
    assert table(found, "How the weeks differ") == [
        (str(n), spread[n], spread[n] / len(active)) for n in sorted(spread)
    ]


def test_what_was_not_sent_and_how_long_messages_were_held(basis: Basis, made: Doings) -> None:
    found = measure("pressure", basis)
    gone = [r for r in inside(made.outcomes) if r["kind"] in ("refused", "expired")]
    by: dict[str, list[Row]] = defaultdict(list)
    for r in gone:
        by[r["rule"] or r["kind"]].append(r)
    rows = [
        (
            why,
            sum(r["kind"] == "refused" for r in them),
            sum(r["kind"] == "expired" for r in them),
            sum(r["purpose"] not in services(basis) for r in them),
            len({who(r["profile"]) for r in them}),
            len(them) / len(gone),
        )
        for why, them in sorted(by.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    assert table(found, "Not sent, by reason") == rows

    ways: dict[str, list[Row]] = defaultdict(list)
    for r in made.outcomes:
        if r["decided"] < END and r["id"].startswith("m"):
            ways[r["id"]].append(r)
    holds: dict[str, list[tuple[int | None, str]]] = defaultdict(list)
    for them in ways.values():
        for r, then in zip(them, [*them[1:], None], strict=True):
            if r["kind"] == "held" and r["decided"] >= START:
                holds[r["rule"]].append((then["decided"] - r["decided"], then["kind"]) if then else (None, ""))
    rows_ = []
    for rule, each in sorted(holds.items(), key=lambda one: (-len(one[1]), one[0])):
        became, lasted = Counter(kind for _, kind in each), [ms for ms, _ in each if ms is not None]
        other = len(lasted) - became["sent"] - became["held"]
        rows_.append(
            (
                rule,
                len(each),
                became["sent"],
                became["held"],
                other,
                became[""],
                rank(lasted, 0.5),
                rank(lasted, 0.95),
                max(lasted),
            )
        )
    assert table(found, "Held, by reason") == rows_


def test_consistency(basis: Basis, made: Doings) -> None:
    found = measure("consistency", basis)
    seen: list[tuple[str, str, int, str, float]] = []
    for r in inside(made.outcomes):
        leaves = [each for each in made.commands if each["id"] == r["id"] and each["decided"] < END]
        if r["kind"] == "sent" and leaves:
            heard = json.loads(max(leaves, key=lambda each: each["n"])["given"])[2].get("figures", {})
            seen += [(who(r["profile"]), r["channel"], r["decided"], name, said) for name, said in heard.items()]
    reported = {json.loads(r["properties"]).get("decision") for r in made.events if r["event"] == "action_outcome"}
    for r in inside(made.decisions):
        if r["profile"] and r["id"] in reported:
            said_ = json.loads(r["figures"]).items()
            seen += [(who(r["profile"]), r["channel"], r["decided"], name, said) for name, said in said_]
    pairs = [
        (a, b) for a in seen for b in seen if a[0] == b[0] and a[3] == b[3] and a[1] < b[1] and abs(a[2] - b[2]) <= DAY
    ]
    twice, differ = {a[0] for a, _ in pairs}, {a[0] for a, b in pairs if a[4] != b[4]}
    assert differ
    assert table(found, "One thing, one price") == [
        (len({each[0] for each in seen}), len(twice), len(differ), len(differ) / len(twice))
    ]

    acts = [r for r in inside(made.events, "happened") if is_act(r)]
    rows = []
    for channel in [*sorted({r["channel"] for r in acts}), "all"]:
        them = [r for r in acts if channel in ("all", r["channel"])]
        known, way = [r["decided"] - r["received"] for r in them], [r["received"] - r["happened"] for r in them]
        rows.append((channel, len(them), rank(known, 0.5), rank(known, 0.95), max(known), rank(way, 0.95)))
    assert sorted(table(found, "From an act on one channel until all others know")) == sorted(rows)


def runs_of(made: Doings) -> list[Row]:
    """The runs that started in the window, with what became of each before its end."""
    runs = [{**r, "met": [], "reached": set(), "sent": set()} for r in inside(made.outcomes) if r["kind"] == "started"]
    for run in runs:
        mine = [r for r in (*made.outcomes, *made.steps) if r["decided"] < END and run["id"][1:] == _number(r["id"])]
        run["met"] = [r for r in mine if r["id"].startswith("m")]
        run["reached"] = {r["step"] for r in mine if r.get("step")}
        run["sent"] = {r["step"] for r in run["met"] if r["kind"] == "sent"}
        run["ended"] = next((r["rule"] for r in mine if r.get("kind") == "ended"), None)
        run["out"] = "extra" in run
    return runs


def _number(id_: str) -> str:
    return id_[1:].partition("send")[0] if id_ and id_[0] in "mr" else ""


def test_funnels_and_ends(basis: Basis, made: Doings) -> None:
    found, runs = measure("journeys", basis), runs_of(made)
    ours = [r for r in runs if not r["out"]]
    rows = table(found, "How far runs come")
    assert len(rows) > 8
    for journey, version, step, came, share, sent in rows:
        them = [r for r in ours if (r["journey"], r["version"]) == (journey, version)]
        if step == "started":
            assert (came, share) == (len(them), 1.0)
        elif step == "goal":
            assert came == sum(r["ended"] == "goal" for r in them)
        else:
            assert came == sum(step in r["reached"] for r in them)
            assert (sent or 0) == sum(step in r["sent"] for r in them)
        assert share == came / len(them)  # type: ignore[operator]
    ends = Counter((r["journey"], r["version"], r["ended"] or "still running", r["out"]) for r in runs)
    assert {row[:5] for row in table(found, "How runs end")} == {
        (*each[:3], ends[(*each[:3], False)], ends[(*each[:3], True)]) for each in ends
    }


def test_goals_beside_the_holdout(basis: Basis, made: Doings) -> None:
    found, runs = measure("journeys", basis), runs_of(made)
    rows = table(found, "What the messages brought about")
    assert {row[2] for row in rows} == {"started", "a message"}
    for journey, version, compared, told, share, low, high, out, theirs, *rest in rows:
        groups: dict[bool, dict[str, bool]] = {False: {}, True: {}}
        for r in runs:
            if (r["journey"], r["version"]) == (journey, version) and (compared == "started" or r["met"]):
                group = groups[r["out"]]
                group[who(r["profile"])] = group.get(who(r["profile"]), False) or r["ended"] == "goal"
        n, m = (len(group) for group in groups.values())
        p, q = (sum(group.values()) / len(group) for group in groups.values())
        assert (told, share, out, theirs) == (n, p, m, q)
        z = 1.959963984540054
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        assert (low, high) == pytest.approx((max(middle - half, 0), min(middle + half, 1)), rel=1e-12, abs=1e-15)
        if m > 1 and n > 1:
            spread = z * sqrt(p * (1 - p) / (n - 1) + q * (1 - q) / (m - 1))
            assert rest[2:5] == pytest.approx([p - q, p - q - spread, p - q + spread], rel=1e-12)
        assert rest[5] == (pytest.approx(p / q - 1, rel=1e-12) if q else None)


def test_decisions(basis: Basis, made: Doings) -> None:
    found = measure("decisions", basis)
    offers = [(d, place, action) for d in inside(made.decisions) for place, action in enumerate(d["shown"], start=1)]
    named = {d["id"] for d in inside(made.decisions) if d["shown"]}
    heard: dict[tuple[str, str], set[str]] = defaultdict(set)
    for r in made.events:
        said = json.loads(r["properties"])
        if r["event"] != "action_outcome" or r["happened"] < START:
            continue
        if said.get("decision") in named:
            heard[said["decision"], said["action"]].add(said["outcome"])
            continue
        mine = [d for d, _, action in offers if d["profile"] == r["profile"] and action == said["action"]]
        before = [d for d in mine if d["decided"] <= r["happened"] < d["decided"] + DAY]
        if before:
            heard[max(before, key=lambda d: d["decided"])["id"], said["action"]].add(said["outcome"])

    for title, key in (("Accepted, by rank", 1), ("Accepted, by channel", 0)):
        by: dict[str, list[set[str]]] = defaultdict(list)
        for each in offers:
            by[str(each[1]) if key else each[0]["channel"]].append(heard[each[0]["id"], each[2]])
        rows = [
            (
                name,
                len(them),
                sum(map(bool, them)),
                sum("accepted" in s for s in them),
                sum(bool(s & {"declined", "not_relevant"}) for s in them),
                sum("accepted" in s for s in them) / len(them),
            )
            for name, them in sorted(by.items())
        ]
        assert [row[:6] for row in table(found, title)] == rows

    squares = 0.0
    for d, place, action in offers:
        belief = json.loads(d["candidates"])[place - 1]
        whole = belief["wins"] + belief["losses"]
        expected = belief["wins"] / whole if whole else belief["propensity"]
        squares += (expected - ("accepted" in heard[d["id"], action])) ** 2
    ((count, brier, _),) = table(found, "How well that was foreseen")
    assert count == len(offers)
    assert brier == pytest.approx(squares / len(offers), rel=1e-12)
    parts = table(found, "Predicted and accepted")
    assert sum(row[2] for row in parts) == len(offers)  # type: ignore[misc]
