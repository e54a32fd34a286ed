"""Several providers of a channel: breakers shared by all processes, the next provider, the next channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from engine.define.workspace import compile_sources
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import breakers, keys
from engine.runtime.bells import Noted
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.gauges import StoreGauges
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, happened, joined, records, sources

# on one server: what this is about is the same on a cluster, whose functions have tests of their own
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

HOME = shard_of(profile_id("customer_id", "ana"))
ALERT = """
journey: welcome
purpose: service
start: {event: account_created}
steps:
  - {send: welcome, via: [sms, email]}
"""
POLICIES = "policies: {purposes: {service: {transactional: true}, marketing: {}}, time_to_live: 4h}"
BUILT = compile_sources(sources(welcome=ALERT, policies=POLICIES)).sound()
ASKING = """
journey: welcome
purpose: service
start: {event: account_created}
steps:
  - {call: stock, up_to: 10m, then: [{send: welcome, via: email}], on_timeout: [{stop: nobody knows}]}
  - {call: hours, up_to: 10m}
"""
SERVICES = POLICIES[:-1] + """, calls: {stock: "https://one.example/left?key=secret", hours: "https://two.example/"}}"""
DOWN, OK = SendOutcome("retry", "HTTP 503"), SendOutcome("accepted")


class Names(Recording):
    def __init__(self, name: str, answer: SendOutcome | Callable[[Outgoing], SendOutcome] = OK, **more: Any) -> None:
        super().__init__(answer if callable(answer) else lambda outgoing: answer, name=name, **more)


def engine_of(store: Store, **senders: Any) -> Engine:
    Clock(store).hold(START)
    given = {channel: each if isinstance(each, list) else [each] for channel, each in senders.items()}
    plans = FixedPlan(Running(BUILT.plan, BUILT.renderer.render))
    return Engine(store, plans, FixedSenders(**given, **{"*": Names("none")}), Noted())


def seconds(engine: Engine, *instants: float) -> None:
    for each in instants:
        Clock(engine.store).hold(START + int(each * 1000))
        drain(engine)


def age_breakers(store: Store, ms: int) -> None:
    """As if so much server time had passed for the breakers."""
    import msgspec

    for name, packed in store.redis.hgetall(keys.BREAKERS).items():
        state = msgspec.msgpack.decode(packed)
        for field in ("since", "open", "ends", "probe", "last"):
            state[field] = state[field] - ms if state[field] else 0
        store.redis.hset(keys.BREAKERS, name, msgspec.msgpack.encode(state))


def reach(name: str) -> Any:
    return joined(f"e-{name}", name, phone="+33612345678")


def test_on_a_definite_failure_the_next_provider_gets_the_same_attempt(store: Store) -> None:
    one, two, mail = Names("one", DOWN), Names("two"), Names("mail")
    engine = engine_of(store, sms=[one, two], email=mail)
    engine.accept([reach("ana")])
    drain(engine)
    assert (len(one.sent), len(two.sent), len(mail.sent)) == (1, 1, 0)
    assert one.sent[0].attempt_id == two.sent[0].attempt_id
    assert store.shards.message(two.sent[0].message_id, HOME)["provider"] == b"sms:two"
    assert [each.reason for each in records(store) if each.kind == "sent"] == ["accepted: sms:two"]


def test_what_may_have_arrived_is_not_given_to_another_provider(store: Store) -> None:
    # given an offer (at most once), whose first provider does not answer after it was handed over
    one, two = Names("one", SendOutcome("unknown", "no answer")), Names("two")
    engine = engine_of(store, email=[one, two], sms=Names("sms"))
    built = compile_sources(
        sources(welcome=ALERT.replace("purpose: service", "purpose: marketing").replace("[sms, email]", "email"))
    ).sound()
    engine = Engine(store, FixedPlan(Running(built.plan, built.renderer.render)), engine.senders, engine.bells)
    engine.accept([agreed(), joined()])
    drain(engine)
    assert (len(one.sent), len(two.sent)) == (1, 0)
    assert happened(store)[-2:] == [("unknown", "welcome"), ("ended", "completed")]


def test_what_must_arrive_is_sent_again_with_the_same_id_and_the_same_words(store: Store) -> None:
    answers = iter([SendOutcome("unknown", "no answer"), SendOutcome("unknown", "no answer"), OK])
    one = Names("one", lambda outgoing: next(answers))
    engine = engine_of(store, sms=[one, Names("two")], email=Names("mail"))
    engine.accept([reach("ana")])
    seconds(engine, 0, 2, 8)
    assert len(one.sent) == 3
    assert len({(each.attempt_id, each.rendered.parts["text"]) for each in one.sent}) == 1
    told = [each.reason for each in records(store) if each.kind == "retried"]
    assert len(told) == 2
    assert all("sent again, with the same id" in each for each in told)
    assert len(read_profile(store.shards.profiles([one.sent[0].profile])[one.sent[0].profile]).ledger) == 1


def test_a_breaker_opens_for_all_processes_and_costs_nobody_an_attempt(store: Store) -> None:
    one, mail = Names("one", DOWN), Names("mail")
    engine = engine_of(store, sms=one, email=mail)
    engine.accept([reach(f"c{n}") for n in range(breakers.IN_A_ROW + 3)])
    drain(engine)
    assert len(one.sent) >= breakers.IN_A_ROW
    calls = len(one.sent)
    # when another process looks, then it knows
    other = Store.open(store.url)
    state = other.guard.states()["sms:one"]
    assert state.word(store.clock().server) == "open"
    assert state.said == "HTTP 503"
    second = engine_of(other, sms=one, email=mail)
    second.accept([reach("late")])
    seconds(second, 1, 2, 3)
    assert len(one.sent) == calls
    late = read_profile(other.shards.profiles([profile_id("customer_id", "late")])[profile_id("customer_id", "late")])
    (message,) = late.messages.values()
    assert (message.attempt, message.retries, message.status) == (0, 0, "planned")
    other.close()


def test_one_probe_closes_the_breaker_or_doubles_its_pause(store: Store) -> None:
    guard = store.guard
    for _ in range(breakers.IN_A_ROW):
        guard.heard("p", DOWN, {})
    age_breakers(store, breakers.FIRST_PAUSE_MS)
    known, now = guard.states(), store.clock().server
    # given that its pause is over, then one of many may try
    assert [guard.may_call("p", known, now) for _ in range(3)] == [True, False, False]
    guard.heard("p", DOWN, known)
    state = guard.states()["p"]
    assert (state.pause, state.shut(store.clock().server)) == (2 * breakers.FIRST_PAUSE_MS, True)
    age_breakers(store, 2 * breakers.FIRST_PAUSE_MS)
    known = guard.states()
    assert guard.may_call("p", known, store.clock().server)
    guard.heard("p", OK, known)
    assert guard.states() == {}
    assert guard.may_call("p", guard.states(), now)


def test_a_message_that_its_provider_cannot_bear_does_not_take_one_probe_after_the_other(store: Store) -> None:
    guard = store.guard
    for _ in range(breakers.IN_A_ROW):
        guard.heard("p", DOWN, {})

    def may(failed: bool) -> bool:
        return guard.may_call("p", guard.states(), store.clock().server, failed)

    # given a short outage, then whoever is there probes
    age_breakers(store, breakers.FIRST_PAUSE_MS)
    assert may(failed=True)
    # when it goes on, then those that have not failed yet go first, for as long as it takes to look at each once
    for pause, first in ((10_000, 6_000), (20_000, 6_000), (40_000, 6_000), (60_000, 31_000), (60_000, 31_000)):
        guard.heard("p", DOWN, guard.states())
        age_breakers(store, pause)
        assert not may(failed=True)
        age_breakers(store, first - 1_500)
        assert not may(failed=True)
        age_breakers(store, 1_500)
        assert may(failed=True)
    guard.heard("p", DOWN, guard.states())
    age_breakers(store, 60_000)
    assert may(failed=False)


def test_a_prober_who_died_does_not_keep_the_breaker_open_for_ever(store: Store) -> None:
    guard = store.guard
    for _ in range(breakers.IN_A_ROW):
        guard.heard("p", DOWN, {})
    age_breakers(store, breakers.FIRST_PAUSE_MS)
    assert guard.may_call("p", guard.states(), store.clock().server)
    assert not guard.may_call("p", guard.states(), store.clock().server)
    age_breakers(store, breakers.PROBE_MS)
    assert guard.may_call("p", guard.states(), store.clock().server)


def test_a_service_that_fails_is_left_alone_and_no_other_until_it_answers_its_probe(store: Store) -> None:
    mail = Names("mail")
    service = Names("service", lambda outgoing: DOWN if outgoing.message == "stock" else OK, idempotent=True)
    engine = engine_of(store, call=service, email=mail)
    built = compile_sources(sources(welcome=ASKING, policies=SERVICES)).sound()
    engine = Engine(store, FixedPlan(Running(built.plan, built.renderer.render)), engine.senders, engine.bells)
    engine.accept([reach(f"c{n}") for n in range(breakers.IN_A_ROW)])
    drain(engine)
    # given a breaker that is open, then nobody asks the service, and it is told by the plan's word, without secrets
    assert list(store.guard.states()) == ["call:stock"]
    assert measured(store)["parcours_breaker_open", "call:stock"] == 1
    engine.accept([reach("late")])
    seconds(engine, 6, 12, 40)
    assert len(service.sent) == breakers.IN_A_ROW
    # when its pause is over, then one asks, and when it answers all go on, to the other service as well
    age_breakers(store, breakers.FIRST_PAUSE_MS)
    service.answer = lambda outgoing: OK
    seconds(engine, 50, 56, 62)
    assert len(mail.sent) == breakers.IN_A_ROW + 1
    assert Counter(each.message for each in service.sent) == {"stock": 2 * breakers.IN_A_ROW + 1, "hours": 6}
    assert store.guard.states() == {}
    assert [kind for kind, _ in happened(store) if kind == "ended"] == ["ended"] * 6


def measured(store: Store) -> dict[tuple[str, str], float]:
    """What the measures say, by (name, provider)."""
    found = [sample for family in StoreGauges(store).collect() for sample in family.samples]
    return {(each.name, each.labels.get("provider", "")): each.value for each in found}


def test_a_few_failures_among_many_calls_open_nothing_and_half_of_them_do(store: Store) -> None:
    guard = store.guard
    for _ in range(100):
        for outcome in (*[OK] * 9, DOWN):
            guard.heard("mostly well", outcome, guard.states())
    assert guard.states()["mostly well"].open == 0
    for _ in range(breakers.OF_MANY):
        guard.heard("half", OK, guard.states())
        guard.heard("half", DOWN, guard.states())
    assert guard.states()["half"].open > 0
    # what concerns one recipient says nothing about the provider
    for _ in range(20):
        guard.heard("greylisting", SendOutcome("retry", "450", recipient=True), {})
    assert "greylisting" not in guard.states()


def test_a_failure_costs_the_calls_after_it_nearly_nothing_and_is_forgotten(store: Store) -> None:
    guard, told = store.guard, []
    for _ in range(4):
        guard.heard("p", DOWN, {})
    known = guard.states()
    call = store.call
    store.call = lambda *given, **more: told.append(given) or call(*given, **more)  # type: ignore[method-assign,func-returns-value]
    for _ in range(10):
        guard.heard("p", OK, known)
    assert len(told) == 1  # the row has ended; the rest is told with the next failure
    assert guard.states()["p"].row == 0
    guard.forget(store.clock().server - 1000)
    assert "p" in guard.states()
    guard.forget(store.clock().server + 1000)
    assert guard.states() == {}


def test_when_the_providers_are_down_the_next_channel_is_used_and_then_it_comes_back(store: Store) -> None:
    one, two, mail = Names("one", DOWN), Names("two", DOWN), Names("mail")
    engine = engine_of(store, sms=[one, two], email=mail)
    engine.accept([reach(f"c{n}") for n in range(breakers.IN_A_ROW)])
    drain(engine)
    assert mail.sent == []
    # given both breakers open for ten minutes
    for name in ("sms:one", "sms:two"):
        assert store.guard.states()[name].open
    age_breakers(store, BUILT.plan.policies.fall_back_after)
    for name in ("sms:one", "sms:two"):  # somebody probes at this moment
        assert store.guard.may_call(name, store.guard.states(), store.clock().server)
    engine.accept([reach("ben")])
    seconds(engine, 1)
    assert "ben@fernhill.example" in [each.address for each in mail.sent]
    # when they are well again, then the first channel is taken again
    one.answer = two.answer = lambda outgoing: OK
    age_breakers(store, breakers.LONGEST_PAUSE_MS)
    seconds(engine, 2)  # somebody's message is the probe
    assert "sms:one" not in store.guard.states()
    engine.accept([reach("eve")])
    seconds(engine, 3)
    assert "customer_id:eve" in [each.label for each in one.sent]


def test_down_for_six_hours_with_four_hours_to_live(store: Store) -> None:
    # given that the other channel takes nothing either
    one = Names("one", DOWN)
    engine = engine_of(store, sms=one, email=Names("mail", SendOutcome("refused", "550 policy")))
    engine.accept([reach("ana")])
    seconds(engine, 0, 2, 8, 30, 112, 599)  # after 1, 4, 16 and 64 seconds and a quarter more; then the breaker is open
    assert [each for each in records(store) if each.reason.startswith("next_channel")] == []
    seconds(engine, 605, 606)  # looked at every five seconds; one of these looks may be the probe
    told = [each.reason for each in records(store) if each.reason.startswith("next_channel")]
    assert told[-1] == "next_channel: refused: 550 policy"
    assert told[:-1] in ([], ["next_channel: unavailable: HTTP 503"])
    attempts = len(one.sent)
    for half_hour in range(1, 13):
        seconds(engine, half_hour * 1800)
    # then it expired at its time to live, once, nothing is reserved and nothing is left
    expired = [each for each in records(store) if each.kind == "expired"]
    assert [each.reason.partition(":")[0] for each in expired] == ["time_to_live"]
    assert expired[0].at <= START + 4 * HOUR + 1000 * 1800
    profile = read_profile(store.shards.profiles([profile_id("customer_id", "ana")])[profile_id("customer_id", "ana")])
    assert (profile.ledger, profile.messages, profile.enrolments) == ([], {}, {})
    assert len(one.sent) >= attempts
    assert "sent" not in {kind for kind, _ in happened(store)}


@pytest.mark.parametrize("idempotent", [True, False])
def test_a_worker_that_dies_with_the_second_provider_is_recovered_there(store: Store, idempotent: bool) -> None:
    def dies(outgoing: Outgoing) -> SendOutcome:
        if len(two.sent) == 1:
            raise KeyboardInterrupt
        return OK

    one, two = Names("one", DOWN), Names("two", dies, idempotent=idempotent)
    engine = engine_of(store, sms=[one, two], email=Names("mail"))
    engine.accept([reach("ana")])
    with pytest.raises(KeyboardInterrupt):
        drain(engine)
    for member in store.redis.zrange(keys.sending(HOME), 0, -1):
        store.redis.zadd(keys.sending(HOME), {member: 1})
    one.answer = lambda outgoing: OK
    engine.recover(HOME)
    # then the provider that may have it gets it again, with the same id; the first one does not
    assert (len(one.sent), len(two.sent)) == (1, 2)
    assert two.sent[0].attempt_id == two.sent[1].attempt_id
    assert ("sent", "welcome") in happened(store)


def test_somebody_else_who_recovered_a_message_keeps_it(store: Store) -> None:
    def slow(outgoing: Outgoing) -> SendOutcome:
        for member in store.redis.zrange(keys.sending(HOME), 0, -1):
            store.redis.zadd(keys.sending(HOME), {member: 1})  # its lease ran out meanwhile
        return DOWN

    one, two = Names("one", slow), Names("two")
    engine = engine_of(store, sms=[one, two], email=Names("mail"))
    engine.accept([reach("ana")])
    drain(engine)
    assert two.sent == []
