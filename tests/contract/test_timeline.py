"""The timeline of a customer: written with what it tells, bounded, and not there when it is not wanted."""

from __future__ import annotations

from engine.model.ids import profile_id, shard_of
from engine.runtime import keys
from engine.runtime.clock import Clock
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined, shop

ANA = profile_id("customer_id", "ana")


def test_what_happened_stands_in_the_timeline_with_the_plan_and_the_place(store: Store) -> None:
    # given a customer who is welcomed, waits, and gets an offer
    engine = shop(store, Recording())
    engine.accept([agreed(), joined()])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    told = store.shards.timeline(ANA)
    # then the event that started it, each step and each message are there, in order
    assert [(each.kind, each.message) for each in told] == [
        ("event", "account_created"),
        ("started", ""),
        ("sent", "welcome"),
        ("step", "wait"),
        ("sent", "offer"),
        ("ended", ""),
    ]
    wait = told[3]
    assert (wait.at, wait.until, wait.place) == (START, START + 2 * HOUR, "journeys/welcome.yaml:8")
    assert {each.plan for each in told} == {engine.running().plan.fingerprint}
    assert wait.version == engine.running().plan.journeys["welcome"].version


def test_events_that_lead_to_nothing_cost_nothing_there(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([event("page_viewed", f"v{number}") for number in range(50)])
    drain(engine)
    assert store.shards.timeline(ANA) == []


def test_a_timeline_keeps_the_last_lines_only_and_none_when_told_so(store: Store) -> None:
    engine = shop(store, Recording())
    store.timeline = 3
    engine.accept([joined()])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert [each.kind for each in store.shards.timeline(ANA)] == ["step", "refused", "ended"]
    store.timeline = 0
    engine.accept([joined("e9", "luc")])
    drain(engine)
    assert store.shards.timeline(profile_id("customer_id", "luc")) == []


def test_a_line_is_small(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([agreed(), joined()])
    drain(engine)
    size = store.redis.memory_usage(keys.timeline(shard_of(ANA), ANA))
    assert size / len(store.shards.timeline(ANA)) < 220  # bytes
