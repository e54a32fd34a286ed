"""A release whose process dies between its writes."""

from __future__ import annotations

import pytest

from engine.runtime import points
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import Recording, joined, shop, sources

ANOTHER = "journey: another\npurpose: service\nstart: {event: order_placed}\nsteps: [{send: offer, via: email}]\n"


def die_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(reached: str) -> None:
        if reached == name:
            raise KeyboardInterrupt  # as sudden as it gets within one process

    monkeypatch.setattr(points, "listener", listener)


def test_before_the_switch_the_old_plan_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    old = publish(store, sources())
    die_at("plans.kept", monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        publish(store, sources(another=ANOTHER))
    assert store.pulse().plan == old.fingerprint


def test_after_the_switch_a_sweep_looks_at_everybody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a customer at rest, and a release that dies as soon as the new plan is current
    fixed = shop(store, Recording())
    publish(store, sources())
    engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    engine.accept([joined()])
    drain(engine)
    die_at("plans.published", monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        publish(store, sources(another=ANOTHER))
    assert store.owes_wake()
    # when the next sweep comes, then everybody is looked at after all, once
    engine.sweep()
    assert not store.owes_wake()
    now = store.clock().engine
    assert [look for look in store.shards.look([]) if look.advance_due(now)]
