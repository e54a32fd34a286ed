"""The gate is asked about a few messages before the first of them leaves: what changes meanwhile still counts."""

from __future__ import annotations

import pytest

from engine.journey.leave import leave
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import ahead, keys, leaving, pace, stops
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, event, happened, joined, shop

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)
NAMES = [f"c{number}" for number in range(6)]
TAKEN = SendOutcome("accepted", provider_id="p1")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_paces", {})  # nothing is known of how long this provider takes


def offered(store: Store) -> tuple[Engine, Recording]:
    """Six customers, each of whom has an offer due at this moment that the gate would let through."""
    engine = shop(store, provider := Recording())
    engine.accept([each for name in NAMES for each in (agreed(f"a-{name}", customer=name), joined(f"j-{name}", name))])
    drain(engine)
    provider.sent.clear()
    Clock(store).hold(START + 2 * HOUR)
    for shard in keys.EVERY_SHARD:
        engine.advance(shard)
    return engine, provider


def test_a_refusal_that_comes_while_another_message_leaves_is_heeded(store: Store) -> None:
    engine, provider = offered(store)
    later: list[str] = []

    def answer(outgoing: Outgoing) -> SendOutcome:
        if not later:  # when the first one leaves, everybody else refuses
            later.extend(name for name in NAMES if name not in outgoing.address)
            engine.accept([agreed(f"u-{name}", "denied", customer=name) for name in later])
        return TAKEN

    provider.answer = answer
    engine.deliver("email")
    assert len(provider.sent) == 1
    drain(engine)
    assert len(provider.sent) == 1


def test_a_customer_who_changes_meanwhile_is_decided_about_again_and_told_once(store: Store) -> None:
    engine, provider = offered(store)

    def answer(outgoing: Outgoing) -> SendOutcome:
        if len(provider.sent) == 1:
            engine.accept([event("page_viewed", f"p-{name}", customer=name, page="/") for name in NAMES])
            for shard in keys.EVERY_SHARD:
                engine.advance(shard)
        return TAKEN

    provider.answer = answer
    engine.deliver("email")
    assert sorted(outgoing.address for outgoing in provider.sent) == [f"{name}@fernhill.example" for name in NAMES]
    assert happened(store).count(("sent", "offer")) == len(NAMES)


def test_a_kill_stops_those_that_were_asked_about(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops, "SECOND_LOOK_SECONDS", 0.0)
    engine, provider = offered(store)

    def answer(outgoing: Outgoing) -> SendOutcome:
        if len(provider.sent) == 1:
            stops.kill(store, "welcome", "ops")
        return TAKEN

    provider.answer = answer
    engine.deliver("email")
    assert len(provider.sent) == 1


@pytest.mark.parametrize(("seconds", "times"), [(60.0, 1), (0.0, 2)])
def test_an_answer_does_not_hold_for_long(
    store: Store, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
) -> None:
    engine, provider = offered(store)
    monkeypatch.setattr(ahead, "AHEAD_SECONDS", seconds)
    monkeypatch.setattr(leaving, "PULSE_SECONDS", 60.0)
    asked: list[str] = []

    def counted(*arguments: object) -> object:
        asked.append(str(arguments[2]))
        return leave(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ahead, "leave", counted)
    engine.deliver("email")
    assert len(provider.sent) == len(NAMES)
    assert len(asked) == times * len(NAMES)
