"""Receipts on a real Redis: whose they are, what they withdraw at once, and what cannot be taken in."""

from __future__ import annotations

import pytest

from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.model.receipt import Happened, Receipt
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.messages import doubtful, message
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.receipts import aside
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, joined, shop

ANA = profile_id("customer_id", "ana")
HERS = "ana@fernhill.example"


def sent(store: Store) -> tuple[Engine, Recording, str]:
    """Ana has got her welcome; her offer is due. Gives the id of the attempt."""
    engine = shop(store, provider := Recording())
    engine.accept([agreed(), joined()])
    drain(engine)
    return engine, provider, provider.sent[0].attempt_id


def history(store: Store, name: str) -> list[dict[str, object]]:
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    return [past.data for past in profile.history.get(name, [])]


def test_a_receipt_is_an_event_on_the_customer_once(store: Store) -> None:
    engine, _, attempt = sent(store)
    seen = Receipt("esp", "r1", "opened", attempt, at=START + 5)
    before = Receipt("esp", "r2", "delivered", attempt, at=START + 1)
    # when they come out of order, and one of them again
    assert [took.status for took in engine.receipts([seen, before, seen])] == ["accepted", "accepted", "duplicate"]
    assert engine.receipts([seen])[0].status == "duplicate"
    drain(engine)
    assert [each["message"] for each in history(store, "opened")] == [attempt]
    assert [(each["channel"], each["at"]) for each in history(store, "delivered")] == [("email", START + 1)]


def test_what_is_withdrawn_holds_before_it_is_processed(store: Store) -> None:
    engine, provider, attempt = sent(store)
    Clock(store).hold(START + 2 * HOUR)
    engine.advance(shard_of(ANA))  # the offer is planned
    took = engine.receipts([Receipt("esp", "r1", "complained", attempt)])
    engine.deliver("email")
    assert [each.status for each in took] == ["accepted"]
    assert [message for _, _, message in provider.told()] == ["welcome"]
    drain(engine)
    assert read_profile(store.shards.profiles([ANA])[ANA]).consent["email/marketing"].state == "denied"


def test_a_hard_bounce_makes_the_address_dead_where_the_message_went(store: Store) -> None:
    engine, _, attempt = sent(store)
    # given that she has moved since
    moved = {"customer_id": "ana", "email": "new@fernhill.example"}
    engine.accept([Event(id="i1", name="identified", profile=moved, at=START + 9, received=START + 9)])
    engine.receipts([Receipt("dsn", "b1", "bounced", attempt, hard=True, reason="5.1.1 no such user")])
    drain(engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert profile.dead == {"email": HERS}
    assert history(store, "bounced")[0]["reason"] == "5.1.1 no such user"


def test_what_nobody_knows_is_set_aside_but_its_address_is_blocked(store: Store) -> None:
    engine, provider, _ = sent(store)
    Clock(store).hold(START + 2 * HOUR)
    other = "m" + "0" * 26 + "-email-1"
    (took, odd) = engine.receipts(
        [
            Receipt("esp", "r1", "bounced", other, address=HERS, hard=True),
            Receipt("esp", "r2", "opened", "something else"),
        ]
    )
    assert (took.status, odd.status) == ("aside", "aside")
    assert [(each["id"], each["what"]) for each in aside(store)] == [("r2", "opened"), ("r1", "bounced")]
    assert HERS not in str(aside(store))
    drain(engine)
    assert len(provider.sent) == 1


def test_an_erased_customer_does_not_come_back_with_a_receipt(store: Store) -> None:
    engine, _, attempt = sent(store)
    late = Receipt("esp", "r1", "delivered", attempt)
    erase(engine, "ana", "test")
    assert engine.receipts([late])[0].status == "aside"
    drain(engine)
    assert store.shards.profiles([ANA]) == {}


@pytest.mark.parametrize(
    ("happened", "outcome"), [("delivered", "delivered"), ("opened", "opened"), ("bounced", "bounced")]
)
def test_a_report_ends_the_doubt_about_a_message(store: Store, happened: Happened, outcome: str) -> None:
    engine, provider, _ = sent(store)
    provider.answer = lambda outgoing: SendOutcome("unknown", "no answer")
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    attempt = provider.sent[-1].attempt_id
    assert [each.attempt for each in doubtful(store, 9)] == [attempt]
    # of another channel: it says nothing of this one
    engine.receipts([Receipt("esp", "r0", happened, attempt.replace("email", "sms"))])
    assert len(doubtful(store, 9)) == 1
    engine.receipts([Receipt("esp", "r1", happened, attempt)])
    drain(engine)
    assert doubtful(store, 9) == []
    kept = message(store, provider.sent[-1].message_id)
    assert (kept.outcome, kept.report) == (outcome, outcome)
    assert history(store, happened)[-1]["message"] == attempt  # as `explain` tells it


def test_a_report_that_comes_before_the_doubt_ends_it_too(store: Store) -> None:
    engine, provider, _ = sent(store)

    def reported_meanwhile(outgoing: Outgoing) -> SendOutcome:
        engine.receipts([Receipt("esp", "r1", "delivered", outgoing.attempt_id)])
        return SendOutcome("unknown", "no answer")

    provider.answer = reported_meanwhile
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    assert (doubtful(store, 9), message(store, provider.sent[-1].message_id).report) == ([], "delivered")


def test_a_report_may_know_a_message_by_its_providers_own_id_only(store: Store) -> None:
    engine, provider, _ = sent(store)
    provider.answer = lambda outgoing: SendOutcome("accepted", provider_id="SM77", names="twilio")
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    by_name = [
        Receipt("twilio", "SM77:delivered", "delivered", "", provider_id="SM77"),
        Receipt("twilio", "SM78:delivered", "delivered", "", provider_id="SM78"),  # of somebody else
        Receipt("webhook", "w", "delivered", "", provider_id="SM77"),  # another provider's ids
    ]
    assert [each.status for each in engine.receipts(by_name)] == ["accepted", "aside", "aside"]
    assert engine.receipts(by_name[:1])[0].status == "duplicate"
    drain(engine)
    assert [each["message"] for each in history(store, "delivered")] == [provider.sent[-1].attempt_id]
