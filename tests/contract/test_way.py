"""The way of an event through the runtime: in, decided, out; in one process, on a real Redis."""

from __future__ import annotations

import time

import pytest

from engine.define.workspace import compile_sources
from engine.journey.apply import apply_event
from engine.model.address import Said
from engine.model.errors import BadEvent, SetupError
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.model.profile import Profile
from engine.model.vocabulary import Vocabulary
from engine.runtime import keys, stops
from engine.runtime.attempt import read_copy
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.commit import Claim
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted, Duplicate
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, event, happened, joined, records, shop, sources

ANA = profile_id("customer_id", "ana")
HOME = shard_of(ANA)


def test_an_event_becomes_a_message_and_time_another(store: Store) -> None:
    # given a customer who agreed to marketing and opened an account
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([agreed(), joined()])
    # when the work is done, then she is welcomed at once
    drain(engine)
    assert provider.told() == [("ana@fernhill.example", "email", "welcome")]
    # and two hours later gets an offer, not earlier
    Clock(store).hold(START + 2 * HOUR - 1)
    assert drain(engine) == 0
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert provider.told()[1:] == [("ana@fernhill.example", "email", "offer")]
    assert happened(store) == [("started", ""), ("sent", "welcome"), ("sent", "offer"), ("ended", "completed")]
    assert all(look.idle(START + 2 * HOUR) for look in store.shards.look(["email", "sms"]))


def test_the_same_event_again_changes_nothing(store: Store) -> None:
    engine = shop(store, Recording())
    assert engine.accept([joined()]) == [Accepted("e1", ANA)]
    drain(engine)
    assert engine.accept([joined(), joined("e2")]) == [Duplicate("e1", ANA), Accepted("e2", ANA)]


def test_what_was_sent_is_kept_with_its_outcome(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    drain(engine)
    kept = store.shards.message(provider.sent[0].message_id, HOME)
    assert (kept["outcome"], kept["provider_id"], kept["profile"]) == (b"accepted", b"p1", ANA.encode())
    assert read_copy(kept) == provider.sent[0].rendered


def test_an_event_from_the_future_happened_when_it_arrived(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([event("page_viewed", "e1", START + HOUR), event("page_viewed", "e2", START + 60_000)])
    drain(engine)
    history = read_profile(store.shards.profiles([ANA])[ANA]).history["page_viewed"]
    assert [past.at for past in history] == [START, START + 60_000]
    assert "ahead of its arrival" in records(store)[0].reason


def test_identifiers_lead_to_one_profile_and_conflicts_are_flagged(store: Store) -> None:
    engine = shop(store, Recording())

    def seen(id_: str, **identifiers: str) -> str:
        (answer,) = engine.accept([Event(id=id_, name="page_viewed", profile=identifiers, at=START, received=START)])
        return answer.profile

    ben = seen("e1", card="7", email="ben@fernhill.example")
    assert seen("e2", email="ben@fernhill.example") == ben  # the weak one leads to him as well
    assert seen("e3", customer_id="ben", card="7") == ben  # a stronger one, learnt later
    assert seen("e4", customer_id="ben") == ben
    ana = seen("e5", customer_id="ana")
    assert seen("e6", customer_id="ana", card="7") == ana  # the strongest decides, and it is noted
    drain(engine)
    assert [record.reason for record in records(store) if "identity_conflict" in record.reason]
    with pytest.raises(BadEvent, match="customer_id, card, email"):
        seen("e7", shoe_size="43")


def test_one_poisonous_event_goes_aside_and_the_rest_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an event whose decision fails in the middle, between two of the same customer
    def failing(profile: Profile, words: Vocabulary, event: Event, **how: bool) -> list[Said]:
        said = apply_event(profile, words, event, **how)
        if event.id == "bad":
            raise RuntimeError("no such thing")
        return said

    monkeypatch.setattr("engine.journey.react.apply_event", failing)
    engine = shop(store, Recording())
    engine.accept([event("order_placed", id_, total=1) for id_ in ("o1", "bad", "o2")])
    # when it is decided, then the others count and the bad one is kept with its reason
    drain(engine)
    assert read_profile(store.shards.profiles([ANA])[ANA]).attributes["orders"] == 2
    ((_, letter),) = store.shards.read_dead(HOME)
    assert letter["reason"] == b"RuntimeError: no such thing"
    assert b"failing" in letter["trace"]
    assert store.shards.look([], [HOME])[0].entries == 0
    assert [record.kind for record in records(store)] == ["set_aside"]


def test_an_entry_that_kills_its_workers_is_not_tried_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(profile: Profile, words: Vocabulary, event: Event, **how: bool) -> list[Said]:
        if event.id == "bad":
            raise KeyboardInterrupt  # as sudden as it gets within one process
        return apply_event(profile, words, event, **how)

    monkeypatch.setattr("engine.journey.react.apply_event", killed)
    engine = shop(store, Recording())
    engine.accept([event("order_placed", id_, total=1) for id_ in ("o1", "bad", "o2")])
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            engine.advance(HOME)
    engine.advance(HOME)
    ((_, letter),) = store.shards.read_dead(HOME)
    assert b"3 times" in letter["reason"]
    assert read_profile(store.shards.profiles([ANA])[ANA]).attributes["orders"] == 2


def test_an_unsubscribe_stops_what_has_not_left_although_nobody_processed_it(store: Store) -> None:
    # given an offer that is due to leave, and an unsubscribe that lies in the inbox
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([agreed(), agreed("a2", channel="sms"), joined(phone="+33612345678")])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    engine.advance(HOME)
    engine.accept([event("unsubscribed", "u1", START + 2 * HOUR, channel="email", purpose="marketing")])
    # when delivery comes first, then the offer takes the next channel
    engine.deliver("email")
    drain(engine)
    assert provider.told()[1:] == [("+33612345678", "sms", "offer")]
    assert [record.reason for record in records(store) if record.reason.startswith("block")]
    # and once it has been processed the block is gone: consent itself says no
    assert store.redis.exists(keys.block(HOME, ANA)) == 0


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("accepted", [("sent", "welcome")]),
        ("unknown", [("retried", "welcome")]),  # it is transactional: to be handed over again
        ("refused", [("retried", "welcome"), ("refused", "welcome")]),
        ("retry", [("retried", "welcome")]),
    ],
)
def test_each_answer_of_a_provider_has_its_end(store: Store, kind: str, told: list[tuple[str, str]]) -> None:
    provider = Recording(lambda outgoing: SendOutcome(kind, "because"))  # type: ignore[arg-type]
    engine = shop(store, provider)
    engine.accept([joined()])
    drain(engine)
    assert happened(store)[1:] == told
    assert len(provider.sent) == 1
    assert store.shards.look(["email"], [HOME])[0].sending == 0


def test_when_nobody_knows_what_must_arrive_is_repeated_and_marketing_is_listed(store: Store) -> None:
    # given a provider that takes every first attempt and does not say so
    provider = Recording(lambda outgoing: SendOutcome("unknown" if len(provider.sent) in (1, 3) else "accepted"))
    engine = shop(store, provider)
    engine.accept([agreed(), joined()])
    drain(engine)
    # when a moment passes, then the welcome leaves again under the same key, and counts once in the caps
    Clock(store).hold(START + 2_000)
    drain(engine)
    first, second = provider.sent
    assert (first.attempt_id, first.message) == (second.attempt_id, "welcome")
    assert len(read_profile(store.shards.profiles([ANA])[ANA]).ledger) <= 1
    # and the offer does not
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    assert [each.message for each in provider.sent] == ["welcome", "welcome", "offer"]
    assert happened(store)[1:4] == [("retried", "welcome"), ("sent", "welcome"), ("unknown", "offer")]
    assert records(store)[1].reason.startswith("unknown: ")


def test_a_message_whose_customer_changed_meanwhile_is_decided_again(store: Store) -> None:
    # given a provider during whose call another event of the customer is processed
    engine: Engine

    def busy(outgoing: Outgoing) -> SendOutcome:
        engine.accept([event("order_placed", "o1", total=5)])
        engine.advance(HOME)
        return SendOutcome("accepted")

    provider = Recording(busy)
    engine = shop(store, provider)
    engine.accept([joined()])
    drain(engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert profile.attributes["orders"] == 1
    assert not profile.messages
    assert happened(store) == [("started", ""), ("sent", "welcome")]


@pytest.mark.parametrize(
    ("idempotent", "calls", "end"), [(True, 2, ("sent", "offer")), (False, 1, ("unknown", "offer"))]
)
def test_a_sender_that_died_is_repeated_only_where_that_is_harmless(
    store: Store, idempotent: bool, calls: int, end: tuple[str, str]
) -> None:
    # given an offer whose worker died during the provider's call
    def dies(outgoing: Outgoing) -> SendOutcome:
        if outgoing.message == "offer" and len(provider.sent) == 2:
            raise KeyboardInterrupt
        return SendOutcome("accepted")

    provider = Recording(dies, idempotent)
    engine = shop(store, provider)
    engine.accept([agreed(), joined()])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    with pytest.raises(KeyboardInterrupt):
        drain(engine)
    assert engine.recover(HOME) == 0  # its lease still runs
    # when the lease is over
    for member in store.redis.zrange(keys.sending(HOME), 0, -1):
        store.redis.zadd(keys.sending(HOME), {member: 1})
    assert engine.recover(HOME) == 1
    # then it was repeated with the same attempt id, or is listed as unknown
    offers = [sent for sent in provider.sent if sent.message == "offer"]
    assert len(offers) == calls
    assert len({(offer.attempt_id, offer.rendered.parts["html"]) for offer in offers}) == 1
    assert end in happened(store)
    assert store.shards.look(["email"], [HOME])[0].sending == 0


def test_a_message_whose_begin_the_store_has_forgotten_is_not_stuck(store: Store) -> None:
    # given a store that is put back, during the provider's call, to what it was before the message began to leave
    def forgets(outgoing: Outgoing) -> SendOutcome:
        if len(provider.sent) == 1:
            store.redis.hset(keys.profile(HOME, ANA), mapping=before)
        return SendOutcome("accepted")

    provider = Recording(forgets)
    engine = shop(store, provider)
    engine.accept([joined()])
    engine.advance(HOME)
    before = store.redis.hgetall(keys.profile(HOME, ANA))
    drain(engine)
    assert happened(store) == [("started", "")]
    # when the lease is over, then it leaves again, and the journey goes on
    for member in store.redis.zrange(keys.sending(HOME), 0, -1):
        store.redis.zadd(keys.sending(HOME), {member: 1})
    assert engine.recover(HOME) == 1
    drain(engine)
    assert len(provider.sent) == 2
    assert ("sent", "welcome") in happened(store)
    assert not read_profile(store.shards.profiles([ANA])[ANA]).messages


def test_a_row_that_was_claimed_by_a_dead_worker_leaves_after_all(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    engine.advance(HOME)
    (claim,) = store.shards.claim({HOME: 10}, "email", "transactional", START)
    assert isinstance(claim, Claim)
    store.redis.zadd(keys.sending(HOME), {str(claim): 1})
    engine.recover(HOME)
    drain(engine)
    assert [message for _, _, message in provider.told()] == ["welcome"]


def test_a_rate_is_kept_and_nothing_is_dropped(store: Store) -> None:
    slow = sources(
        policies="policies: {purposes: {service: {transactional: true}, marketing: {}}, rates: {email: 40/s}}"
    )
    provider = Recording()
    engine = shop(store, provider, compile_sources(slow).sound())
    engine.accept([joined(f"e{n}", customer=f"c{n}") for n in range(40)])
    start = time.monotonic()
    while len(provider.sent) < 40 and time.monotonic() - start < 10:
        drain(engine)
    passed = time.monotonic() - start
    assert len({each.message_id for each in provider.sent}) == len(provider.sent) == 40
    assert passed >= (40 - 10) / 40 - 0.05  # a burst of ten, then forty a second


def test_a_killed_journey_lets_nothing_out_and_a_paused_one_waits(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    stops.pause(store, "welcome", "ana")
    engine.accept([joined()])
    drain(engine)
    assert provider.sent == []
    stops.kill(store, "*", "ana")
    Clock(store).hold(START + HOUR)
    drain(engine)
    assert provider.sent == []
    assert happened(store) == [("started", ""), ("ended", "killed")]


def test_a_plan_is_published_and_older_runs_keep_their_steps(store: Store) -> None:
    provider = Recording()
    fixed = shop(store, provider)
    engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    with pytest.raises(SetupError, match="parcours up"):
        engine.accept([joined()])
    # given somebody who waits two hours in the first version
    publish(store, sources())
    engine.accept([agreed(), joined()])
    drain(engine)
    # when another version is published, in another process
    again = "journey: welcome\npurpose: service\nstart: {event: account_created}\nsteps: [{send: offer, via: email}]\n"
    second = publish(store, sources(welcome=again))
    fresh = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    assert fresh.running().plan.fingerprint == second.fingerprint
    # then he goes on in his own, and newcomers in the new one
    Clock(store).hold(START + 2 * HOUR)
    drain(fresh)
    assert [message for _, _, message in provider.told()] == ["welcome", "offer"]
    assert happened(store)[-1] == ("ended", "completed")


def test_a_new_schedule_reaches_customers_who_have_been_silent(store: Store) -> None:
    provider = Recording()
    fixed = shop(store, provider)
    publish(store, sources())
    engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    engine.accept([agreed(), joined()])
    drain(engine)
    # given somebody who does nothing any more, when a plan with a schedule is published
    weekly = (
        "journey: weekly\npurpose: service\nstart: {schedule: 'Wednesday 08:00', audience: [customer.email is known]}\n"
        "steps: [{send: offer, via: email}]\n"
    )
    publish(store, sources(weekly=weekly))
    drain(Engine(store, PublishedPlans(store), fixed.senders, fixed.bells))
    before = len(provider.sent)
    # then the journey starts for her on Wednesday
    Clock(store).hold(START + 22 * HOUR)
    drain(Engine(store, PublishedPlans(store), fixed.senders, fixed.bells))
    assert [message for _, _, message in provider.told()[before:]].count("offer") >= 1
    assert ("started", "") in happened(store)
    assert "weekly" in {record.journey for record in records(store)}
