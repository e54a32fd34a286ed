"""What is known of addresses, over all shards, on a real Redis: customers far apart who share a mailbox."""

from __future__ import annotations

from engine.model.address import DEAD, Heard, Said
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.message import SendOutcome
from engine.runtime import keys
from engine.runtime.addresses import Addresses, Taking
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, event, happened, records, shop

FAMILY = "family@fernhill.example"
HERE = ("email", FAMILY)


def family(engine: Engine, *, consents: bool = True) -> None:
    """Ana and Ben open accounts with one address, in shards of their own."""
    assert shard_of(profile_id("customer_id", "ana")) != shard_of(profile_id("customer_id", "ben"))
    for name in ("ana", "ben"):
        who = {"customer_id": name, "email": FAMILY}
        if consents:
            engine.accept([agreed(f"a-{name}", customer=name)])
        engine.accept([Event(id=f"j-{name}", name="account_created", profile=who, at=START, received=START)])


def test_what_one_refuses_is_refused_to_the_other(store: Store) -> None:
    engine = shop(store, provider := Recording())
    family(engine)
    drain(engine)
    assert [message for _, _, message in provider.told()] == ["welcome", "welcome"]
    engine.accept([event("unsubscribed", "u1", START, channel="email", purpose="marketing")])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert len(provider.told()) == 2
    assert any("the address has refused email for marketing" in record.reason for record in records(store))


def test_a_refusal_that_names_its_address_counts_before_it_is_processed(store: Store) -> None:
    # given that both offers are due and the inbox lags
    engine = shop(store, provider := Recording())
    family(engine)
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    # when Ana's refusal has been accepted and Ben's offer leaves before it is processed
    engine.accept([event("unsubscribed", "u1", START + 1, channel="email", purpose="marketing", address=FAMILY)])
    engine.advance(shard_of(profile_id("customer_id", "ben")))
    engine.deliver("email")
    # then it does not
    assert len(provider.told()) == 2


def test_of_two_with_one_address_one_gets_it_and_a_taking_in_vain_is_given_back(store: Store) -> None:
    engine = shop(store, provider := Recording())
    family(engine)
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert [message for _, _, message in provider.told()] == ["welcome", "welcome", "offer"]
    assert ("refused", "offer") in happened(store)
    # and where the gate says no, nothing stays taken
    assert len(list(store.redis.scan_iter("parcours:intent:*"))) == 1


def test_nothing_is_taken_by_who_may_not_be_told(store: Store) -> None:
    engine = shop(store, Recording())
    family(engine, consents=False)
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert list(store.redis.scan_iter("parcours:intent:*")) == []


def test_an_address_that_a_provider_calls_dead_is_dead_for_all(store: Store) -> None:
    engine = shop(store, provider := Recording(lambda out: SendOutcome("bad_address", "550 no such user")))
    family(engine)
    drain(engine)
    assert len(provider.told()) == 1
    assert [kind for kind, _ in happened(store) if kind == "refused"] == ["refused", "refused"]


def test_the_newest_word_stays_in_whatever_order_they_come(store: Store) -> None:
    addresses = Addresses(store)
    words = [Said(*HERE, "marketing", state, at, by) for state, at, by in (("denied", 5, "b"), ("granted", 4, "c"))]
    addresses.hear([*words, Said(*HERE, "marketing", "granted", 5, "a"), Said(*HERE, DEAD, "dead", 1, "x|y")])
    said, _ = addresses.ask([HERE], [], 0)
    assert dict(said[HERE].said) == {"marketing": Heard("denied", 5, "b"), DEAD: Heard("dead", 1, "x|y")}
    # and the address itself stands nowhere
    assert not [key for key in store.redis.scan_iter("*") if FAMILY.encode() in key and b":id:" not in key]


def test_an_intent_is_one_customers_for_a_day(store: Store) -> None:
    addresses, day = Addresses(store), 24 * HOUR
    ana, ben = (Taking(*HERE, "i1", name) for name in ("ana", "ben"))
    assert addresses.ask([], [ana, ben, ana], START)[1] == [("", True), ("ana", False), ("", False)]
    addresses.give_back([ben])
    assert addresses.ask([], [ben], START + day - 1)[1] == [("ana", False)]
    assert addresses.ask([], [ben], START + day)[1] == [("", True)]
    addresses.give_back([ben])
    assert store.redis.exists(keys.intent(*HERE, "i1")) == 0


def test_what_a_merged_profile_had_taken_is_its_keepers(store: Store) -> None:
    # given a profile that has taken an address for a message, and was merged before it could use it
    book = Addresses(store)
    assert book.ask([], [Taking(*HERE, "hello", "visitor")], START)[1] == [("", True)]
    # then it is in the way of others, and not in that of its keeper
    assert book.ask([], [Taking(*HERE, "hello", "ben")], START)[1] == [("visitor", False)]
    keeper = Taking(*HERE, "hello", "ana", ("older", "visitor"))
    assert book.ask([], [keeper], START)[1] == [("", False)]
    # and giving it back by the old name changes nothing any more
    book.give_back([Taking(*HERE, "hello", "visitor")])
    assert book.ask([], [Taking(*HERE, "hello", "ben")], START)[1] == [("ana", False)]
