"""A live replay in virtual time makes the simulator's decisions, to the millisecond."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.record import Record
from engine.runtime import keys
from engine.runtime.engine import Engine
from engine.runtime.lockstep import Lockstep
from engine.runtime.pump import drain
from engine.runtime.store import Store
from engine.testing.simulator import Simulator
from tests.contract.shop import HOUR, START, Recording, agreed, compiled, event, joined, records, shop


def story() -> list[Event]:
    """Three customers over an hour and a half, one of whom changes her mind."""
    made = [
        agreed("a1", customer="ana"),
        joined("j1", customer="ana"),
        joined("j2", customer="ben"),
        agreed("a3", customer="cleo"),
        joined("j3", customer="cleo"),
        event("order_placed", "o1", START + 30_000, customer="ben", total=5),
        event("unsubscribed", "u1", START + HOUR, customer="cleo", channel="email", purpose="marketing"),
    ]
    return sorted(made, key=lambda each: each.received)


def told(found: list[Record]) -> list[tuple[int, str, str, str, str]]:
    return sorted((each.at, each.label, each.kind, each.message, each.reason) for each in found)


def test_the_runtime_and_the_simulator_agree(store: Store) -> None:
    # given the same story in the simulator
    simulated: list[Record] = []
    simulator = Simulator(compiled().plan, compiled().renderer.render, simulated.append)
    for each in story():
        simulator.feed(each)
    simulator.run_until(START + 3 * HOUR)
    # when the runtime lives through it in lockstep
    lockstep = Lockstep(shop(store, Recording()), START, work=drain)
    lockstep.feed(story())
    lockstep.run_until(START + 3 * HOUR)
    # then it says the same
    assert told(records(store)) == told(simulated)
    assert ("sent", "offer") in {(each.kind, each.message) for each in simulated}
    assert store.clock().engine == START + 3 * HOUR


def test_lockstep_without_workers_says_so(store: Store) -> None:
    lockstep = Lockstep(shop(store, Recording()), START)
    with pytest.raises(SetupError, match="Are workers running"):
        lockstep.feed([joined()], timeout=0.05)


def test_at_one_instant_no_timer_is_woken_before_the_events_are_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an offer due at the very millisecond at which its customer unsubscribes
    provider = Recording()
    engine = shop(store, provider)
    lockstep = Lockstep(engine, START, work=drain)
    lockstep.feed([agreed(), joined()])
    lockstep.run_until(START + 2 * HOUR - 1)
    # when the clock comes there, and an eager worker looks before the event has been accepted
    accept = Engine.accept

    def eager(self: Engine, events: Sequence[Event]) -> object:
        for shard in keys.EVERY_SHARD:
            self.advance(shard)
        return accept(self, events)

    monkeypatch.setattr(Engine, "accept", eager)
    at = START + 2 * HOUR
    left = event("unsubscribed", "u1", at, channel="email", purpose="marketing")
    lockstep.feed([left])
    lockstep.run_until(at + HOUR)
    # then the event was first
    home = shard_of(profile_id("customer_id", "ana"))
    inputs = [given for _, fields in store.shards.read_log(home) for given in msgspec.msgpack.decode(fields["i"])]
    assert [given[0] for given in inputs if given[0] in ("event", "wake")] == ["event", "event", "event", "wake"]
    assert [each.message for each in provider.sent] == ["welcome"]
    assert store.clock().timers == store.clock().engine
