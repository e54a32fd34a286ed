"""Two customers turn out to be one, across shards, in mid-journey, whatever dies meanwhile."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from engine.define.folder import with_shared
from engine.define.workspace import Compiled, compile_sources
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.model.profile import Profile
from engine.model.record import Record
from engine.runtime import keys
from engine.runtime.blob import read_profile, read_records
from engine.runtime.clock import Clock
from engine.runtime.counts import counts, inside
from engine.runtime.dead import letters, replay
from engine.runtime.engine import Engine
from engine.runtime.flows import flows, stayed
from engine.runtime.lockstep import Lockstep
from engine.runtime.orders import Give
from engine.runtime.pump import drain
from engine.runtime.relay import append_home, order_append
from engine.runtime.store import Store
from engine.testing.simulator import Simulator
from tests.contract.dying import Dying, Killed, leases_end
from tests.contract.shop import HOUR, SOURCES, START, Recording, event, records
from tests.contract.shop import shop as a_shop

ANA = profile_id("customer_id", "ana")
VISITOR = profile_id("email", "ana@fernhill.example")
ADDRESS = {"email": "ana@fernhill.example"}
BOTH = {"customer_id": "ana", **ADDRESS}


NAMELESS = SOURCES["templates/messages/welcome.j2"].replace("{{ customer.customer_id }}", "there")


@cache
def built() -> Compiled:
    """The shop, with a welcome for those who are only known by an address."""
    return compile_sources(with_shared(SOURCES | {"templates/messages/welcome.j2": NAMELESS})).sound()


def shop(store: Store, provider: Recording) -> Engine:
    return a_shop(store, provider, built())


def by(who: dict[str, str], name: str, id_: str, **properties: object) -> Event:
    return Event(id=id_, name=name, profile=who, at=START, received=START, properties=properties)


AGREED = by(ADDRESS, "consent_changed", "a1", channel="email", purpose="marketing", state="granted")
KNOWN = [
    by(ADDRESS, "account_created", "v1"),
    AGREED,
    event("order_placed", "c1", total=5),
]
LINK = by(BOTH, "order_placed", "l1", total=7)


def kept(store: Store, profile: str) -> Profile:
    return read_profile(store.shards.profiles([profile])[profile])


def parcels(store: Store) -> int:
    return sum(store.redis.xlen(keys.relay(shard_of(profile))) for profile in (ANA, VISITOR))


def check_merged(store: Store) -> None:
    """One customer is left, who has everything once."""
    assert shard_of(ANA) != shard_of(VISITOR)
    ana, visitor = kept(store, ANA), kept(store, VISITOR)
    assert (visitor.moved, visitor.into, visitor.label, visitor.history) == (True, ANA, "", {})
    assert (ana.label, ana.absorbed, ana.attributes["orders"]) == ("customer_id:ana", [VISITOR], 2)
    assert [past.id for past in ana.history["order_placed"]] == ["c1", "l1"]
    assert [run.journey for run in ana.enrolments.values()] == ["welcome"]
    assert ana.consent["email/marketing"].state == "granted"
    assert store.known([("email", ADDRESS["email"])]) == {("email", ADDRESS["email"]): ANA}
    assert parcels(store) == 0
    assert stayed(flows(store)) == inside(counts(store))
    log = [read_records(fields["r"]) for _, fields in store.shards.read_log(shard_of(ANA))]
    assert [record.kind for each in log for record in each].count("merged") == 1


def later(engine: Engine, provider: Recording) -> list[str]:
    """Everything that has left two hours later."""
    Clock(engine.store).hold(START + 2 * HOUR)
    drain(engine)
    return [message for _, _, message in provider.told()]


def test_the_journey_of_the_absorbed_goes_on_and_its_identifier_leads_home(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept(KNOWN)
    drain(engine)
    engine.accept([LINK])
    drain(engine)
    check_merged(store)
    # a repeat of what the absorbed one had is known under its new home
    again = engine.accept([KNOWN[0], LINK, by(ADDRESS, "page_viewed", "v2", page="x")])
    assert [type(answer).__name__ for answer in again] == ["Duplicate", "Duplicate", "Accepted"]
    drain(engine)
    assert [past.id for past in kept(store, ANA).history["page_viewed"]] == ["v2"]
    assert later(engine, provider) == ["welcome", "offer"]


@pytest.mark.parametrize("halfway", [False, True], ids=["before", "halfway"])
def test_whatever_dies_at_whatever_point_nothing_is_lost_or_doubled(
    redis_url: str, halfway: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.bundles.MANY", 1)  # as on a cluster: what is said together may be done in part
    points = 0
    while True:
        points += 1 if halfway else 2  # every second one will do for what dies between two round trips
        store = Store.open(redis_url)
        store.redis.flushall()
        store.close()
        store = Store.open(redis_url)
        provider = Recording()
        engine = shop(store, provider)
        engine.accept(KNOWN)
        drain(engine)
        # when the process dies at this point between the event and the merge
        frail = Store.open(redis_url)
        death = Dying(frail, points, halfway=halfway)
        doomed = Engine(frail, engine.plans, engine.senders, type(engine.bells)())
        survived = False
        try:
            doomed.accept([LINK])
            while doomed.bells.shards:  # type: ignore[attr-defined]
                doomed.advance(doomed.bells.shards.pop())  # type: ignore[attr-defined]
            survived = True
        except Killed:
            pass
        frail.close()
        # then another one finds everything, once the sender has repeated what was not acknowledged
        leases_end(store, ANA, VISITOR)
        engine.accept([LINK])
        drain(engine)
        check_merged(store)
        assert later(engine, provider) == ["welcome", "offer"], points
        store.close()
        if survived:
            break
    assert points > 7
    assert death.count < points


def test_what_is_in_a_providers_hands_is_seen_through_before_the_customer_moves(store: Store) -> None:
    seen: list[str] = []

    def meanwhile(outgoing: Outgoing) -> SendOutcome:
        # given the provider is busy with the visitor's message, when she turns out to be Ana
        if not seen:
            seen.append(outgoing.message)
            engine.accept([LINK])
            for shard in (shard_of(VISITOR), shard_of(ANA)):
                engine.advance(shard)
            # then she is frozen and still here
            visitor = kept(store, VISITOR)
            assert (visitor.into, visitor.moved) == (ANA, False)
        return SendOutcome("accepted")

    provider = Recording(meanwhile)
    engine = shop(store, provider)
    engine.accept(KNOWN)
    drain(engine)
    check_merged(store)
    assert later(engine, provider) == ["welcome", "offer"]


def test_a_worker_that_dies_with_a_message_of_the_absorbed_in_hand(store: Store) -> None:
    def dies(outgoing: Outgoing) -> SendOutcome:
        if len(provider.sent) == 1:
            raise Killed
        return SendOutcome("accepted")

    provider = Recording(dies)
    engine = shop(store, provider)
    engine.accept(KNOWN)
    with pytest.raises(Killed):
        drain(engine)
    engine.accept([LINK])
    drain(engine)
    assert not kept(store, VISITOR).moved  # nobody knows yet what became of it
    leases_end(store, ANA, VISITOR)
    engine.recover(shard_of(VISITOR))
    drain(engine)
    check_merged(store)
    # the welcome is transactional: said again with the same attempt id, and the offer once
    assert later(engine, provider) == ["welcome", "welcome", "offer"]
    assert len({sent.attempt_id for sent in provider.sent}) == 2


def test_two_profiles_of_two_people_are_not_merged_whoever_asks(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([by({"customer_id": "bob", "email": "home@fernhill.example"}, "page_viewed", "b1", page="x")])
    engine.accept([by({"customer_id": "ana"}, "page_viewed", "c1", page="x")])
    drain(engine)
    engine.accept([by({"customer_id": "ana", "email": "home@fernhill.example"}, "page_viewed", "c2", page="x")])
    drain(engine)
    assert not kept(store, ANA).absorbed
    assert [each.reason.partition(":")[0] for each in records(store) if each.kind == "flagged"] == ["event"]


def test_one_profile_claimed_by_two_people_at_once_goes_to_one_of_them(store: Store) -> None:
    # given two events, accepted before either is processed, that say whose the visitor is
    engine = shop(store, Recording())
    engine.accept(
        [by(ADDRESS, "page_viewed", "v1", page="x"), by({"customer_id": "ana"}, "page_viewed", "c1", page="x")]
    )
    engine.accept([by({"customer_id": "bob"}, "page_viewed", "b1", page="x")])
    drain(engine)
    engine.accept([LINK])
    engine.accept([by({"customer_id": "bob", **ADDRESS}, "page_viewed", "b2", page="y")])
    drain(engine)
    # then she is Ana's, Bob keeps his own, and nothing is lost
    bob = kept(store, profile_id("customer_id", "bob"))
    assert kept(store, ANA).absorbed == [VISITOR]
    assert not bob.absorbed
    assert [past.id for past in bob.history["page_viewed"]] == ["b1", "b2"]
    assert any("customer_id tells" in each.reason for each in records(store) if each.kind == "flagged")


def test_opposite_merges_at_once_leave_one_or_two_customers_and_lose_nobody(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept(KNOWN)
    drain(engine)
    # when each is told to give itself up to the other
    gives = [
        Give(profile=ANA, into=VISITOR, strong={}, links=[]),
        Give(profile=VISITOR, into=ANA, strong={}, links=[]),
    ]
    append_home(store, engine.bells, [order_append(give, f"x{give.profile}") for give in gives])
    drain(engine)
    # then everything is known of somebody who is still there
    alive = [each for each in (kept(store, ANA), kept(store, VISITOR)) if not each.moved]
    assert alive
    assert sorted(name for each in alive for name in each.history) == [
        "account_created",
        "consent_changed",
        "order_placed",
    ]
    assert parcels(store) == 0
    engine.accept([by({"customer_id": "ana"}, "page_viewed", "p1", page="x")])
    drain(engine)
    assert "page_viewed" in {name for each in (ANA, VISITOR) for name in kept(store, each).history}


def test_an_unsubscribe_by_the_absorbed_address_holds_before_anything_is_processed(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept(KNOWN)
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    # given the two are one, and she unsubscribes in the same breath; nothing of it has been processed
    engine.accept(
        [msgspec.structs.replace(AGREED, id="u1", name="unsubscribed", profile=BOTH, properties={"channel": "email"})]
    )
    # when her offer is due at this very moment
    engine.deliver("email")
    drain(engine)
    assert [message for _, _, message in provider.told()] == ["welcome"]
    assert kept(store, ANA).consent["email/marketing"].state == "denied"
    assert store.redis.keys("*:block:*") == []


def test_a_merge_in_the_runtime_is_the_simulators_to_the_millisecond(store: Store) -> None:
    later_on = START + 30 * 60_000
    story = [
        *KNOWN,
        msgspec.structs.replace(LINK, at=later_on, received=later_on),
        msgspec.structs.replace(by(ADDRESS, "page_viewed", "p9", page="x"), at=later_on, received=later_on + 1_000),
    ]
    simulated: list[Record] = []
    simulator = Simulator(built().plan, built().renderer.render, simulated.append)
    for each in story:
        simulator.feed(each)
    simulator.run_until(START + 3 * HOUR)
    lockstep = Lockstep(shop(store, Recording()), START, work=drain)
    lockstep.feed(story)
    lockstep.run_until(START + 3 * HOUR)

    def told(found: list[Record]) -> list[tuple[int, str, str, str, str]]:
        return sorted((each.at, each.label, each.kind, each.message, each.reason) for each in found)

    assert told(records(store)) == told(simulated)
    assert ("merged", later_on) in {(each.kind, each.at) for each in simulated}


def test_a_profile_that_is_still_to_begin_is_merged_before_its_first_event(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([by({"customer_id": "ana"}, "page_viewed", "c1", page="x")])
    # given an order that is faster than the visitor's first event
    give = Give(profile=VISITOR, into=ANA, strong={"customer_id": ["ana"]}, links=[("email", ADDRESS["email"])])
    append_home(store, engine.bells, [order_append(give, "g1")])
    drain(engine)
    engine.accept([by(ADDRESS, "page_viewed", "v1", page="y")])
    drain(engine)
    assert [past.id for past in kept(store, ANA).history["page_viewed"]] == ["c1", "v1"]
    assert kept(store, VISITOR).moved


def test_an_order_on_which_the_engine_fails_goes_aside_and_is_taken_up_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the engine's mistake")

    provider = Recording()
    engine = shop(store, provider)
    engine.accept(KNOWN)
    drain(engine)
    with monkeypatch.context() as patch:
        patch.setattr("engine.runtime.merging.absorb", fails)
        engine.accept([LINK])
        drain(engine)
    (letter,) = letters(store)
    assert letter.what == "a merge or an erasure"
    assert kept(store, ANA).attributes["orders"] == 2  # the event itself is hers all the same
    # when the mistake is gone, then nothing of the visitor is lost
    assert replay(store, [letter]) == 1
    drain(engine)
    assert kept(store, ANA).absorbed == [VISITOR]
    assert later(engine, provider) == ["welcome", "offer"]
