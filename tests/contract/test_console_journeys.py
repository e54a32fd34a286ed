"""The console's journeys: every figure is the store's and the log's; what an operator does is done and written down."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from engine.console import figures, fresh
from engine.define.workspace import compile_sources
from engine.model.flow import PASSED, Flow
from engine.runtime import keys
from engine.runtime.audit import entries
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.counts import counts
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.stops import standings
from engine.runtime.store import Store
from tests.contract.seen import ADMIN, OPERATE, READ, Visitor, console, text
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined, records, sources

HOSTILE = "<img src=x onerror=alert(1)>"
WELCOME = """
journey: welcome
about: "Hello HOSTILE"
purpose: marketing
start: {event: account_created}
goal: order_placed
holdout: 50%
steps:
  - if: customer.home_store is lyon
    then: [{send: welcome, via: email}]
    otherwise: [{wait: 1h}]
  - wait: 2h
  - send: offer
    via: [email]
""".replace("HOSTILE", HOSTILE)


@pytest.fixture
def engine(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(fresh, "PACE", 0.0)
    monkeypatch.setattr("engine.runtime.stops.SECOND_LOOK_SECONDS", 0.0)
    store = Store.open(redis_url)
    Clock(store).hold(START)
    publish(store, sources(welcome=WELCOME))
    made = Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())
    for number in range(24):
        who = f"c{number}"
        made.accept([agreed(f"a{who}", customer=who), joined(f"j{who}", who, home_store="lyon" if number % 2 else "x")])
    drain(made)
    Clock(store).hold(START + HOUR // 2)
    made.accept([event("order_placed", f"o{n}", START + HOUR // 2, f"c{n}", total=5) for n in range(7)])
    drain(made)
    yield made
    store.close()


def cells(page: str, first: str) -> list[str]:
    """The cells of the row that begins with `first`, as text."""
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
        inner = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in inner]
        if found and found[0].startswith(first):
            return found
    raise AssertionError(f"no row begins with {first}")


def test_every_figure_of_the_list_and_of_the_page_is_the_logs(engine: Engine) -> None:
    log = records(engine.store)
    out = {each.id for each in log if each.kind == "held_out"}
    started = [each for each in log if each.kind == "started"]
    goals = [each for each in log if each.kind == "ended" and each.reason.startswith("goal")]
    sent = sum(each.kind == "sent" for each in log)
    inside = sum(counts(engine.store).values())
    assert inside == len(started) - len(goals) > 5
    assert sent > 3
    assert out
    held = figures.counted(engine.store).journeys["welcome"].started[True]

    with console(engine) as call:
        visitor = Visitor(call, READ)
        listed, page = visitor.get("/journeys").text, visitor.get("/journeys/welcome").text

    row = cells(listed, "welcome")
    assert row[2:5] == [str(inside), str(len(started)), str(sent)]
    assert 0 < held < len(started)
    assert f"of {len(started) - held}</span>" in page.replace("  ", " ")
    treated = len(started) - held
    won = sum(each.more == "" for each in figures.counted(engine.store).flows.elements() if each.rule == "goal")
    assert row[5:] == [f"{100 * won / treated:.1f}%", f"{100 * (len(goals) - won) / held:.1f}%"]
    # each step: who came, who is there, where they went
    fork, wait = cells(page, "If customer.home_store"), cells(page, "Wait 2h")
    assert fork[1:4] == [str(len(started)), "0", f"{len(started) // 2} yes → welcome {len(started) // 2} no → 1h"]
    assert int(wait[2]) == sum(n for stand, n in counts(engine.store).items() if stand.step == "wait:2h")
    assert wait[5] == f"{sum(each.step == 'wait:2h' for each in goals)} goal reached"
    assert HOSTILE not in page + listed
    assert "&lt;img src=x" in page


def test_pausing_resuming_and_killing_take_the_right_and_are_written_down(engine: Engine) -> None:
    with console(engine) as call:
        reader, operator = Visitor(call, READ), Visitor(call, OPERATE)

        assert "Pause" not in text(reader.get("/journeys/welcome"))
        assert reader.do("/journeys/welcome/pause").status_code == 403
        assert operator("POST", "/journeys/welcome/pause", data={"csrf": reader.token()}).status_code == 403
        assert not any(each.word for each in standings(engine.store).values())

        paused = operator.do("/journeys/welcome/pause")
        assert paused.headers["location"] == "/console/journeys/welcome?done=paused"
        assert standings(engine.store)["welcome"].word == "paused"
        assert "Paused" in text(operator.get("/journeys/welcome"))
        assert operator.do("/journeys/welcome/pause").status_code == 409  # somebody did that a moment ago
        assert operator.do("/journeys/welcome/resume").status_code == 409  # without saying how
        assert operator.do("/journeys/welcome/resume", how="shift").status_code == 303
        assert operator.do("/journeys/welcome/kill").status_code == 303
        assert operator.do("/journeys/*/pause").status_code == 303
        assert operator.do("/journeys/nothing/pause").status_code == 404
        drain(engine)
        shown = cells(operator.get("/journeys").text, "welcome")

    assert shown[1:3] == ["killed", "0"]
    done = [(each.what, each.details.get("journey")) for each in reversed(entries(engine.store))]
    assert [each for each in done if each[0] in ("pause", "resume", "kill")] == [
        ("pause", "welcome"), ("resume", "welcome"), ("kill", "welcome"), ("pause", "*"),
    ]  # fmt: skip
    assert all("operate key" in each.who for each in entries(engine.store) if each.what == "kill")


def test_an_older_version_stands_beside_the_newest_and_can_be_drawn(engine: Engine) -> None:
    old = compile_sources(sources(welcome=WELCOME)).sound().plan.journeys["welcome"].version
    publish(engine.store, sources(welcome=WELCOME.replace("wait: 2h", "wait: 3h")))
    engine.accept([joined("new", "new")])
    drain(engine)

    with console(engine) as call:
        visitor = Visitor(call, ADMIN)
        newest = visitor.get("/journeys/welcome").text
        older = visitor.get(f"/journeys/welcome?version={old}").text

    assert cells(newest, old[:8])[2] == "24"
    assert cells(newest, "Wait 3h")
    assert cells(older, "Wait 2h")
    for page in (newest, older):  # the steps of both are drawn, each with its own figures
        assert sorted(re.findall(r"<title>Wait (\w+)</title>", page)) == ["1h", "1h", "2h", "3h"]
        assert page.count("drawn below") == 2
    assert visitor.get("/journeys/nothing").status_code == 404


def test_ten_thousand_people_do_not_slow_the_page(engine: Engine) -> None:
    # given as many as are counted in all shards, for every step and many reasons
    store, journey = engine.store, engine.running().plan.journeys["welcome"]
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        fields = {f"welcome|{journey.version}|{step}": 10 for step in journey.steps}
        flows = {str(Flow("welcome", journey.version, PASSED, a, b)): 40 for a in journey.steps for b in journey.steps}
        flows |= {
            str(Flow("welcome", journey.version, "refused", a, f"r{n}")): 1 for a in journey.steps for n in range(8)
        }
        pipe.hset(keys.counts(shard), mapping=fields)
        pipe.hset(keys.flows(shard), mapping=flows)
    pipe.execute()
    assert sum(counts(store).values()) > 10_000

    with console(engine) as call:
        visitor = Visitor(call, READ)
        for path in ("/journeys", "/journeys/welcome"):
            took = []
            for _ in range(3):
                begun = time.process_time()
                assert visitor.get(path).status_code == 200
                took.append(time.process_time() - begun)
            assert min(took) < 0.3, path
