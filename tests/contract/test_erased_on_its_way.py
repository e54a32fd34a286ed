"""An erasure while a merge is on its way: what was to come together is erased together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from engine.model.event import Event
from engine.model.ids import shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import keys, points
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.dying import leases_end
from tests.contract.shop import Recording
from tests.contract.test_merge import ADDRESS, ANA, KNOWN, LINK, VISITOR, by, shop
from tests.contract.test_profile import traces

ANAS = by({"customer_id": "ana"}, "page_viewed", "p1", page="x")


def die_at(name: str) -> Callable[[str], None]:
    def listener(reached: str) -> None:
        if reached == name:
            points.listener = None
            raise KeyboardInterrupt  # as sudden as it gets within one process

    return listener


@pytest.mark.parametrize("place", ["advance.committed", "relay.brought"])
def test_who_was_handed_over_to_an_erased_customer_is_erased(
    store: Store, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    # given a visitor whose profile is on its way to Ana's, when its worker dies
    engine = shop(store, Recording())
    engine.accept([ANAS, *KNOWN])
    drain(engine)
    engine.accept([LINK])
    monkeypatch.setattr(points, "listener", die_at(place))
    with pytest.raises(KeyboardInterrupt):
        engine.advance(shard_of(VISITOR))
    assert store.redis.xlen(keys.relay(shard_of(VISITOR)))
    # and Ana is erased before it is brought (again)
    assert erase(engine, "customer_id:ana", "an operator")
    leases_end(store, ANA, VISITOR)
    drain(engine)
    # then nothing is left of either, and old events stay without effect
    assert traces(store, ANA, VISITOR, "fernhill", "'ana'") == []
    assert {type(answer).__name__ for answer in engine.accept([ANAS, *KNOWN, LINK])} == {"Duplicate"}
    drain(engine)
    assert store.shards.profiles([ANA, VISITOR]) == {}
    # but a merge that is asked for later is another customer's
    again = [told_again(each) for each in (ANAS, *KNOWN, LINK)]
    engine.accept(again[:-1])
    drain(engine)
    engine.accept(again[-1:])
    drain(engine)
    assert store.shards.home(VISITOR) == ANA


def test_who_is_erased_on_the_way_to_somebody_takes_them_along(store: Store) -> None:
    done: list[str] = []

    def slow(outgoing: Outgoing) -> SendOutcome:
        """While the welcome is being handed over, the visitor turns out to be Ana, and is erased."""
        if not done:
            done.append(outgoing.message)
            engine.accept([LINK])
            for shard in (shard_of(VISITOR), shard_of(ANA)):
                engine.advance(shard)
            erase(engine, f"email:{ADDRESS['email']}", "an operator")
        return SendOutcome("accepted")

    engine = shop(store, Recording(slow))
    engine.accept([ANAS, *KNOWN])
    drain(engine)
    assert done == ["welcome"]
    assert store.shards.profiles([ANA, VISITOR]) == {}
    assert traces(store, ANA, VISITOR, "fernhill", "'ana'") == []


def told_again(each: Event) -> Event:
    """Another event that says the same."""
    return replace(each, id=f"{each.id}-again")
