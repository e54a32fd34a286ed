"""What is counted of journeys: exactly what the log says, whatever the customers do."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.define.workspace import compile_sources
from engine.model.flow import COUNTED, OUT, PASSED, Flow
from engine.runtime.clock import Clock
from engine.runtime.counts import counts, inside
from engine.runtime.flows import flows, stayed
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined, records, shop, sources

WELCOME = """
journey: welcome
purpose: marketing
start: {event: account_created}
goal: order_placed
stop_if: page_viewed
holdout: 50%
steps:
  - if: customer.home_store is lyon
    then: [{send: welcome, via: email}]
    otherwise: [{wait: 1h}]
  - wait: 2h
  - send: offer
    via: [email]
"""


@pytest.fixture
def one(redis_url: str) -> Store:
    return Store.open(redis_url)


def test_counters_are_what_the_log_says(one: Store) -> None:
    # given customers of two kinds, who buy, look, stay or refuse
    engine = shop(one, Recording(), compile_sources(sources(welcome=WELCOME)).sound())
    for number in range(40):
        who = f"c{number}"
        engine.accept([agreed(f"a{who}", customer=who)] if number % 3 else [])
        engine.accept([joined(f"j{who}", who, home_store="lyon" if number % 2 else "paris")])
    drain(engine)
    Clock(one).hold(START + HOUR // 2)
    engine.accept([event("order_placed", f"o{n}", START + HOUR // 2, f"c{n}", total=5) for n in range(8)])
    engine.accept([event("page_viewed", f"p{n}", START + HOUR // 2, f"c{n}", page="x") for n in range(8, 12)])
    for hours in (1, 2, 3):
        drain(engine)
        Clock(one).hold(START + hours * HOUR)
    drain(engine)

    # then every record of the log is counted once, by its journey, version, step and reason
    log = records(one)
    said = Counter(
        Flow(each.journey, each.version, each.kind, each.step, _rule(each.kind, each.reason), "")
        for each in log
        if each.kind in COUNTED and each.journey
    )
    found = flows(one)
    counted: Counter[Flow] = Counter()
    for flow, count in found.items():
        if flow.what not in (PASSED, OUT):
            counted[flow._replace(more="")] += count
    assert counted == said
    assert {each.kind for each in log} >= {"started", "ended", "sent", "refused", "held_out"}

    # and whoever came in by the branches went out by them, or left the journey there, or is there still
    version = next(flow.version for flow in found)
    steps = {flow.rule for flow in found if flow.what == PASSED and flow.rule}
    standing = {stand.step: count for stand, count in counts(one).items()}
    for step in steps:
        came = sum(count for flow, count in found.items() if flow.what == PASSED and flow.rule == step)
        went = sum(count for flow, count in found.items() if flow.what == PASSED and flow.step == step)
        left = sum(count for flow, count in found.items() if flow.what == "ended" and flow.step == step)
        assert came == went + left + standing.get(step, 0), step
    assert stayed(found) == inside(counts(one)) == Counter({("welcome", version): sum(standing.values())})
    started = Counter(flow.more for flow, count in found.items() for _ in range(count) if flow.what == "started")
    assert started[""] + started["holdout"] == 40
    assert min(started.values()) > 5


def test_an_erasure_takes_away_nobodys_figures(one: Store) -> None:
    engine = shop(one, Recording())
    engine.accept([joined("e1", "ana"), joined("e2", "bob")])
    drain(engine)

    erase(engine, "customer_id:ana", "me")
    drain(engine)

    found = flows(one)
    assert sum(count for flow, count in found.items() if flow.what == "started") == 2
    assert [count for flow, count in found.items() if flow.rule == "erased"] == [1]
    assert stayed(found) == inside(counts(one))
    assert not any(b"ana" in name for name in one.redis.keys("*flows*"))


def _rule(kind: str, reason: str) -> str:
    return "" if kind == "sent" else reason.partition(":")[0]
