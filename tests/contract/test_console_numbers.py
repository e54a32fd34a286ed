"""Every number of the console's pages is recomputed from raw keys and from all that the logs ever said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.console import fresh
from engine.console.pages.audit import WHATS
from engine.console.people.recent import MOST, WORTH
from engine.console.rules import CHANNELS, KINDS, RULES
from engine.model.ids import SHARDS
from engine.policy.wallclock import iso
from engine.report.archive.work import turn
from engine.report.showing.making import reported
from engine.runtime.store import Store
from tests.contract.ledger import MESSAGES, Ledger, Line, rule
from tests.contract.life import Life, live
from tests.contract.seen import ADMIN, Visitor, console, text

BACK = set(MESSAGES) - {"sent"}


@pytest.fixture
def life(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    monkeypatch.setattr(fresh, "PACE", 0.0)
    store = Store.open(redis_url)
    yield live(store, tmp_path / "archive", monkeypatch)
    store.close()


def test_every_number_is_that_of_the_store_and_the_log(life: Life, tmp_path: Path) -> None:
    ledger = life.ledger
    # given a life in which everything happened that could lead a figure astray
    kinds = Counter(each["kind"] for each in ledger.records)
    assert kinds.keys() >= {"started", "ended", "moved", "merged", "sent", "held", "refused", "unknown", "held_out"}
    assert {rule(each) for each in ledger.of("orders", "ended")} >= {"goal", "merged", "erased", "completed"}
    assert ledger.of("doomed", "ended")

    with console(life.engine) as call:
        me = Visitor(call, ADMIN)
        _overview(me, ledger)
        for row in _rows(me.get("/journeys").text):
            _journey(me, ledger, row)
        _people(me, ledger)
        _health(me, life)
        audit = me.get("/audit").text

    rows = [each for key in ("audit", "visits") for each in life.store.redis.xrange(f"parcours:{key}")]
    found = [(cells[1], cells[2]) for cells in _rows(audit)]
    assert Counter(found) == Counter((WHATS[said[b"what"].decode()], said[b"who"].decode()) for _, said in rows)
    _report(life, tmp_path / "copies")


def _report(life: Life, folder: Path) -> None:
    """The funnel has what runs were sent after a merge; the archive knows nothing any more of who was erased."""
    turn(life.store, life.place, 10, today="9999-12-31")
    made = reported(life.place, folder, life.engine.running().plan, names=["journeys"], since="30d")
    erased = {each["profile"] for each in life.ledger.records if each.get("label") == "customer_id:p12"}
    (funnel,) = [table for table in made.measures[0].found.tables if table.title == "How far runs come"]
    for journey in ("welcome", "till"):
        sent = [each for each in life.ledger.of(journey, "sent") if each["profile"] not in erased]
        assert sum(int(str(row[5] or 0)) for row in funnel.rows if row[0] == journey) == len(sent)


def _overview(me: Visitor, ledger: Ledger) -> None:
    page = me.get("/").text
    told = [each for each in ledger.records if each.get("journey")]
    sent = Counter(each["channel"] for each in told if each["kind"] == "sent")
    back = Counter((each["kind"], rule(each)) for each in told if each["kind"] in BACK)
    inside = sum(len(blob.get("enrolments") or {}) for blob in ledger.profiles().values())
    assert _figures(page) == {
        "Customers": len(ledger.profiles()),
        "Inside journeys now": inside,
        "Messages sent": sent.total(),
        "Held back or not sent": back.total(),
        "Goals reached": sum(each["kind"] == "ended" and rule(each) == "goal" for each in told),
    }
    started = sum(each["kind"] == "started" for each in told)
    assert f"They came into journeys {started} times, and are inside {inside} now." in text(me.get("/"))
    shares = _shares(page)
    assert shares | {CHANNELS[name]: count for name, count in sent.items()} == shares
    for (kind, why), count in back.most_common(6):
        assert count in [number for name, number in shares.items() if name == f"{KINDS[kind]} {RULES.get(why, why)}"]


def _journey(me: Visitor, ledger: Ledger, row: list[str]) -> None:
    """The list's row of a journey, its page, and the page of each of its versions."""
    name = row[0].split()[0]
    inside, runs = ledger.inside(name), _runs(ledger, name)
    sent = ledger.of(name, "sent")
    rates = [_share(runs, "", out) for out in (False, True)]
    goal = any(each.end == "goal" for each in runs) or name == "orders"
    assert row[2:5] == [str(inside.total()), str(len(runs)), str(len(sent))], name
    assert row[5:7] == (rates if goal else ["—", "—"]), name

    whole = me.get(f"/journeys/{name}").text
    shares, ended = _shares(whole), Counter(each.end for each in runs if each.end)
    other = Counter((each["kind"], rule(each)) for each in ledger.of(name, *BACK))
    expected = {RULES[why]: count for why, count in ended.items()}
    expected |= {f"{KINDS[kind]} {RULES[why]}": count for (kind, why), count in other.items()}
    assert shares == expected, name
    versions = {each.version for each in runs} | {version for version, _ in inside}
    for version in versions:
        page = me.get(f"/journeys/{name}?version={version}").text
        if len(versions) > 1:
            (beside,) = [cells for cells in _rows(page) if cells[0].startswith(version[:8])]
            began = sum(each.began == version for each in runs)
            moved = sum(each.version == version != each.began for each in runs)
            along = sum(each.began == version != each.version for each in runs)
            here = sum(count for (each, _), count in inside.items() if each == version)
            over = sum(each.version == version and bool(each.end) for each in runs)
            out = sum(each.get("version") == version for each in sent)
            taken = " taken along by a release"
            assert beside[1:4] == [str(here), f"{began}{f' {moved}{taken}' if moved else ''}", str(out)]
            assert beside[4:6] == [_share(runs, version, held_out) for held_out in (False, True)]
            assert beside[6] == f"{over}{f' {along}{taken}' if along else ''}"
            assert began - along + moved == here + over
        _steps(page, ledger, name, version, inside)


@dataclass
class Run:
    """One enrolment: the version it began in and that it is or was in, whether it was held out, how it ended."""

    began: str
    version: str
    held_out: bool
    end: str = ""


def _runs(ledger: Ledger, journey: str) -> list[Run]:
    """A merge tells of what the first of two customers was exposed to: it holds for whoever goes on after it."""
    runs: dict[str, Run] = {}
    whose: dict[str, Line] = {}
    over: dict[str, Line] = {}
    erased = [each for each in ledger.of(journey, "ended") if not each.get("id")]
    for each in ledger.of(journey, "started"):
        arm = (each.get("extra") or {}).get("arm", "")
        runs[each["id"]], whose[each["id"]] = Run(each["version"], each["version"], bool(arm)), each
    for each in ledger.of(journey, "moved"):
        runs[each["id"]].version = each["version"]
    for each in ledger.of(journey, "ended"):
        if each.get("id"):
            runs[each["id"]].end, over[each["id"]] = rule(each), each
    people = ledger.profiles()
    for id_, run in runs.items():
        if not run.end and not any(id_ in (blob.get("enrolments") or {}) for blob in people.values()):
            run.end = "erased"
    assert sum(run.end == "erased" for run in runs.values()) == len(erased)
    for each in ledger.records:
        if each["kind"] != "merged":
            continue
        arm = (people[each["profile"]].get("arms") or {}).get(f"{journey}/holdout:")
        for id_, run in runs.items():
            mine = whose[id_]["profile"] in (each["profile"], each["extra"]["from"])
            if arm and mine and whose[id_]["at"] <= each["at"] and over.get(id_, {"at": 2**62})["at"] > each["at"]:
                run.held_out = bool(arm[0])
    return list(runs.values())


def _share(runs: list[Run], version: str, held_out: bool) -> str:
    of = [each for each in runs if each.held_out == held_out and version in ("", each.version)]
    return f"{100 * sum(each.end == 'goal' for each in of) / len(of):.1f}%" if of else "—"


def _steps(page: str, ledger: Ledger, name: str, version: str, inside: Counter[tuple[str, str]]) -> None:
    """The table of steps: what came has gone on, left, or is there; and all that is told of messages."""
    table = page.partition(">Step by step<")[2].partition("<tbody>")[2].partition("</table>")[0]
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]
    assert rows, name
    came = Counter[str]()
    for each in ledger.steps:
        if each.get("j") == name and each.get("v") == version:
            came[each["m"]] += 1
    came_here = messages = here = left = 0
    for step, come, now, went, told, gone in rows:
        here, left, messages = here + int(now), left + sum(_counts(gone)), messages + sum(_counts(told))
        if step.startswith("At the start"):
            continue
        assert int(come) == int(now) + sum(_counts(went)) + sum(_counts(gone)), (name, version, step)
        came_here += int(come) if step.startswith(("Wait ", "Wait for")) else 0
    moved = sum(each["version"] == version for each in ledger.of(name, "moved"))
    assert came_here == came["wait"] + came["wait_for"] + came["wait_until"] + moved, (name, version)
    assert here == sum(count for (each, _), count in inside.items() if each == version)
    ended = sum(each.end != "" and each.version == version for each in _runs(ledger, name))
    along = sum(each.began == version != each.version for each in _runs(ledger, name))
    assert left == ended + along, (name, version)
    assert messages == sum(each.get("version") == version for each in ledger.of(name, *MESSAGES)), (name, version)


def _people(me: Visitor, ledger: Ledger) -> None:
    """What has just happened, and of each person the story, the copies and the next thing."""
    page = me.get("/people").text.partition('id="live"')[2]
    worth = sorted((each for each in _kept(ledger) if each["kind"] in WORTH), key=lambda each: -each["at"])
    floor = worth[MOST - 1]["at"]
    shown = re.findall(r'<time datetime="([^"]+)">.*?<bdi>([^<]+)</bdi>', page, re.DOTALL)
    assert len(shown) == MOST
    assert [at for at, _ in shown] == [iso(each["at"]) for each in worth[:MOST]]
    newest = Counter((iso(each["at"]), each["label"]) for each in worth if each["at"] > floor)
    assert Counter((at, unescape(who)) for at, who in shown if at != iso(floor)) == newest
    copies = Counter[str]()
    for key in ledger.redis.keys("{p*}:message:*"):
        who, copy = ledger.redis.hmget(key, "profile", "copy")
        copies[who.decode()] += copy is not None
    for name, blob in ledger.profiles().items():
        ids = {name, *(blob.get("absorbed") or [])}
        about = [each for each in ledger.records if each.get("profile") in ids and each["kind"] in MESSAGES]
        retried = [each for each in ledger.records if each.get("profile") in ids and each["kind"] == "retried"]
        story = text(me.get(f"/people/{name}?show=messages"))
        count = len(about) + len(retried)
        assert (f"{count} lines" if count != 1 else "One line") in story, blob["label"]
        kept = me.get(f"/people/{name}/messages").text
        times = re.findall(r"/messages/(m\w+)", kept)
        assert len(set(times)) == sum(copies[each] for each in ids), blob["label"]
        due = [run["due"] for run in (blob.get("enrolments") or {}).values() if run.get("due") is not None]
        planned = re.findall(r'<p class="when"><time datetime="([^"]+)"', me.get(f"/people/{name}").text)
        assert planned[:1] == [iso(each) for each in sorted(due)[:1]], blob["label"]


def _kept(ledger: Ledger) -> list[Line]:
    """The records that logs still have: what is erased or trimmed is nobody's story any more."""
    found: list[Line] = []
    for shard in range(SHARDS):
        for _, fields in ledger.redis.xrange(f"{{p{shard:03d}}}:log"):
            found += msgspec.msgpack.decode(fields[b"r"]) if fields.get(b"r") else []
    return found


def _health(me: Visitor, life: Life) -> None:
    redis, tags = life.store.redis, [f"{{p{shard:03d}}}" for shard in range(SHARDS)]

    def shards(count: Any, name: str) -> int:
        return sum(count(f"{tag}:{name}") for tag in tags)

    found = _figures(me.get("/health").text)
    assert found == {
        "To be decided": shards(redis.xlen, "in"),
        "Wait for a time": shards(redis.zcard, "timers"),
        "Overdue": 0,
        "Want to leave": 0,
        "With a provider": shards(redis.zcard, "sending"),
        "Set aside": shards(redis.xlen, "dead"),
    }
    assert found["Set aside"] == 1
    doubtful = shards(redis.zcard, "doubtful")
    assert f"Of {doubtful} messages nobody knows whether they arrived." in text(me.get("/health"))


def _figures(page: str) -> dict[str, int]:
    found = re.findall(r"<dt>([^<]+)</dt><dd><strong>([\d,]+)</strong>", page)
    return {name: int(count.replace(",", "")) for name, count in found}


def _shares(page: str) -> dict[str, int]:
    """The lists of shares: words -> how many."""
    found = {}
    for words, count in re.findall(r"<div><dt>(.*?)</dt><dd>([\d,]+)</dd>", page, re.DOTALL):
        found[" ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())] = int(count.replace(",", ""))
    return found


def _rows(page: str) -> list[list[str]]:
    """The cells of each row of a page's tables, as text; without heads."""
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found.append([" ".join(unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in cells])
    return found


def _counts(cell: str) -> list[int]:
    return [int(count) for count in re.findall(r"<div>(\d+) ", cell)]
