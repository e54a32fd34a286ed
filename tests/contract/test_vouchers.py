"""Voucher codes on a real Redis: each is given once, whatever dies, and what nobody saw comes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.define.workspace import Compiled, compile_sources
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of, telling_id
from engine.model.message import SendOutcome
from engine.runtime import keys, points, vouchers
from engine.runtime.clock import Clock
from engine.runtime.doctor import vouchers as doctor
from engine.runtime.doctor.finding import Patient
from engine.runtime.engine import Engine
from engine.runtime.messages import doubtful
from engine.runtime.outside import Installation
from engine.runtime.people import erase
from engine.runtime.plans import FixedPlan, Running, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.caller import Caller
from tests.contract.shop import HOUR, START, Recording, agreed, joined, records, shop, sources

CODE = """{% extends layout %}
{% block headline %}An offer{% endblock %}
{% block summary %}Take {{ voucher("saver") }}{% endblock %}
{% block body %}{{ ui.code(voucher("saver")) }}{% endblock %}
"""
POOL = "catalog: {vouchers: {items: {saver: {codes: saver.csv, low: 2}}}}\n"
ANA = profile_id("customer_id", "ana")


def files(codes: str = "A1\nA2\nA3\n") -> dict[str, str]:
    found = sources(catalog=POOL) | {"journeys/saver.csv": codes, "templates/messages/offer.j2": CODE}
    return found


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sweep looks at once, as it would after two minutes."""
    monkeypatch.setattr(vouchers, "SETTLE_AFTER", -1)
    yield
    points.listener = None


@cache
def compiled() -> Compiled:
    """The shop, whose offer gives a code."""
    return compile_sources(files()).sound()


def opened(store: Store, provider: Recording) -> Engine:
    """Its engine, with three codes in the pool."""
    held, built = shop(store, provider, compiled()), compiled()
    vouchers.load_pools(store, built.plan, files())
    render = partial(built.renderer.render, outside=Installation(store))
    return Engine(store, FixedPlan(Running(built.plan, render)), held.senders, held.bells)


@pytest.fixture
def one(redis_url: str) -> Store:
    """A store on one server."""
    return Store.open(redis_url)


def offered(engine: Engine, *customers: str, channels: tuple[str, ...] = ("email",)) -> None:
    """Their offer is due now."""
    for name in customers:
        said = [agreed(f"a-{name}-{each}", customer=name, channel=each) for each in channels]
        engine.accept([*said, joined(f"j-{name}", customer=name, phone="+33612345678")])
    drain(engine)
    Clock(engine.store).hold(START + 2 * HOUR)


def free(store: Store) -> list[str]:
    return [code.decode() for code in store.redis.lrange("parcours:voucher:{saver}:free", 0, -1)]


def bodies(provider: Recording) -> list[str]:
    return [each.rendered.parts["text"] for each in provider.sent if each.message == "offer"]


def test_each_customer_gets_a_code_of_their_own_the_same_in_every_part(store: Store) -> None:
    engine = opened(store, provider := Recording())
    offered(engine, "ana", "ben")
    drain(engine)
    given = sorted(next(code for code in ("A1", "A2", "A3") if code in text) for text in bodies(provider))
    assert len(set(given)) == 2
    for each in (each for each in provider.sent if each.message == "offer"):
        code = next(code for code in given if code in each.rendered.parts["text"])
        assert code in each.rendered.parts["html"]
        assert code in each.rendered.parts["preheader"]
    engine.sweep()
    # then they are used up: a file that is published again brings none of them back
    vouchers.load_pools(store, compiled().plan, files())
    assert sorted([*free(store), *given]) == ["A1", "A2", "A3"]
    assert store.redis.hlen("parcours:voucher:{saver}:given") == 0


def test_a_retry_and_another_channel_give_the_same_code(one: Store) -> None:
    store = one
    answers = iter([SendOutcome("retry", "busy"), SendOutcome("refused", "no"), SendOutcome("accepted")])
    engine = opened(
        store, provider := Recording(lambda out: next(answers) if out.message == "offer" else SendOutcome("accepted"))
    )
    offered(engine, "ana", channels=("email", "sms"))
    drain(engine)
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    codes = {code for text in bodies(provider) for code in ("A1", "A2", "A3") if code in text}
    assert [each.channel for each in provider.sent if each.message == "offer"] == ["email", "email", "sms"]
    assert len(codes) == 1
    assert len(free(store)) == 2


def test_a_code_that_nobody_saw_comes_back_and_one_that_may_have_been_seen_does_not(one: Store) -> None:
    store = one
    kinds = {"ana": "refused", "ben": "unknown"}
    engine = opened(
        store,
        provider := Recording(
            lambda out: SendOutcome(kinds[out.address[:3]] if out.message == "offer" else "accepted")  # type: ignore[arg-type]
        ),
    )
    offered(engine, "ana", "ben")
    drain(engine)
    engine.sweep()
    seen = {out.address[:3]: out.rendered.parts["text"] for out in provider.sent if out.message == "offer"}
    assert len(free(store)) == 2
    assert any(code in seen["ana"] for code in free(store))
    assert not any(code in seen["ben"] for code in free(store))


def test_an_empty_pool_is_the_reason_and_the_doctor_says_so(one: Store) -> None:
    store = one
    engine = opened(store, provider := Recording())
    store.redis.delete("parcours:voucher:{saver}:free")
    offered(engine, "ana")
    drain(engine)
    assert bodies(provider) == []
    assert ("retried", "no_voucher") in happened_by_reason(store)
    publish(store, files())  # adds none: each of them was there before
    said = list(doctor.vouchers(Patient(store, load())))
    assert [(each.level, each.found) for each in said] == [("bad", "0 codes of 3 are left in saver")]
    store.vouchers.add("saver", ["B1"])
    assert [each.level for each in doctor.vouchers(Patient(store, load()))] == ["warn"]


def happened_by_reason(store: Store) -> list[tuple[str, str]]:
    return [(each.kind, each.reason.partition(":")[0]) for each in records(store)]


class Killed(BaseException):
    """The process is gone."""


def test_a_worker_that_dies_between_claim_and_send_gives_no_code_twice_and_loses_none(one: Store) -> None:
    store = one
    engine = opened(store, provider := Recording())
    offered(engine, "ana", "ben")

    def die(name: str) -> None:
        if name == "leaving.asked" and free(store) != ["A1", "A2", "A3"]:
            points.listener = None
            raise Killed

    points.listener = die
    with pytest.raises(Killed):
        drain(engine)
    assert len(free(store)) == 2  # claimed, and not sent
    engine.sweep()  # it has not ended: its code stays with it
    assert len(free(store)) == 2
    fresh = Engine(store, engine.plans, engine.senders, engine.bells)
    for key in store.redis.keys("*:sending"):  # the lease of the dead worker is over
        for row in store.redis.zrange(key, 0, -1):
            store.redis.zadd(key, {row: 1})
    fresh.sweep()
    drain(fresh)
    given = [next(code for code in ("A1", "A2", "A3") if code in text) for text in bodies(provider)]
    assert len(given) == len(set(given)) == 2
    fresh.sweep()
    assert sorted([*free(store), *given]) == ["A1", "A2", "A3"]


def test_the_code_of_a_message_whose_worker_died_while_sending_is_used_up(one: Store) -> None:
    store = one
    engine = opened(store, provider := Recording())
    offered(engine, "ana")

    def die(name: str) -> None:
        if name == "leaving.answered" and len(bodies(provider)) == 1:
            points.listener = None
            raise Killed

    points.listener = die
    with pytest.raises(Killed):
        drain(engine)
    for key in store.redis.keys("*:sending"):  # its lease is over
        for row in store.redis.zrange(key, 0, -1):
            store.redis.zadd(key, {row: 1})
    engine.recover(shard_of(ANA))
    engine.sweep()
    # she may have it: nobody else gets it
    assert [each.reason for each in doubtful(store, 9)] == ["its worker died while sending"]
    assert len(bodies(provider)) == 1
    assert len(free(store)) == 2
    assert store.redis.hlen("parcours:voucher:{saver}:given") == 0


def test_many_at_once_never_share_a_code(one: Store) -> None:
    store = one
    opened(store, Recording())
    store.vouchers.add("saver", [f"C{number}" for number in range(200)])
    wanted = [f"m00{number:024x}" for number in range(100)] * 3  # each is asked for three times
    with ThreadPoolExecutor(8) as several:
        codes = list(several.map(lambda message: store.vouchers.claim("saver", message, ANA), wanted))
    assert len(set(codes)) == 100
    assert codes[:100] == codes[100:200] == codes[200:]


def test_a_code_moves_with_the_message_when_two_customers_are_one(one: Store) -> None:
    store = one
    busy = [SendOutcome("retry", "busy")] * 2
    accepted = SendOutcome("accepted")
    provider = Recording(lambda out: busy.pop() if out.message == "offer" and busy else accepted)
    engine = opened(store, provider)
    offered(engine, "ana")
    drain(engine)
    (before,) = {code for text in bodies(provider) for code in ("A1", "A2", "A3") if code in text}
    # when she turns out to be known by a card, as somebody whom the engine keeps
    both = {"customer_id": "ana", "card": "77"}
    engine.accept([Event(id="c1", name="page_viewed", profile={"card": "77"}, at=START, received=START)])
    engine.accept([Event(id="c2", name="page_viewed", profile=both, at=START + 1, received=START + 1)])
    busy.clear()
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    engine.sweep()
    assert {code for text in bodies(provider) for code in ("A1", "A2", "A3") if code in text} == {before}
    assert before not in free(store)
    assert len(free(store)) == 2


def test_the_code_of_a_message_that_was_tried_before_a_merge_and_left_after_it_is_used_up(one: Store) -> None:
    # given a message that keeps the id of its first attempt, whose customer now lives in another shard
    store, keeper = one, profile_id("customer_id", "ana")
    engine = opened(store, Recording())
    offered(engine, "ana")
    drain(engine)
    engine.sweep()
    before = len(free(store))
    tried = f"m{(shard_of(keeper) + 1) % 256:02x}{'0' * 24}"
    store.vouchers.claim("saver", tried, keeper)
    store.redis.hset(keys.message((shard_of(keeper) + 1) % 256, tried), mapping={"outcome": "retry"})
    store.redis.hset(keys.message(shard_of(keeper), tried), mapping={"outcome": "accepted", "reached": "1"})
    # when its code is settled
    assert store.vouchers.settle("saver", store.clock().server)
    # then nobody else gets it
    assert len(free(store)) == before - 1


def test_the_code_of_an_erased_customer_is_used_up(one: Store) -> None:
    store = one
    engine = opened(store, provider := Recording())
    offered(engine, "ana")
    drain(engine)
    erase(engine, "ana", "test")
    engine.sweep()
    assert len(bodies(provider)) == 1
    assert len(free(store)) == 2
    assert store.redis.hlen("parcours:voucher:{saver}:given") == 0


def test_codes_are_loaded_over_http_once(one: Store) -> None:
    store = one
    engine = opened(store, Recording())
    app = create_app(engine, Keys(["k" * 20]))
    call = Caller(app, x_api_key="k" * 20)
    assert call("PUT", "/v1/vouchers/saver", json=["A1", "N1", "N1"]).json()["new"] == 1
    assert call("GET", "/v1/vouchers").json()["pools"] == [
        {"name": "saver", "free": 4, "given": 0, "total": 4, "low": 2}
    ]
    assert call("PUT", "/v1/vouchers/savr", json=["X"]).status_code == 404
    for odd in ({"a": 1}, ["x" * 101], [""], [7], ["a\nb"]):
        assert call("PUT", "/v1/vouchers/saver", json=odd).status_code == 422
    assert Caller(app)("GET", "/v1/vouchers").status_code == 401


def test_a_code_that_a_customer_was_told_by_a_channel_app_is_theirs(one: Store) -> None:
    store = one
    engine = opened(store, Recording())
    day = START // (24 * HOUR)
    today = telling_id(ANA, "saver", day)
    code = store.vouchers.claim("saver", today, ANA)
    offered(engine, "ana")
    drain(engine)
    engine.sweep()
    assert store.vouchers.claim("saver", today, ANA) == code
    Clock(store).hold(START + 48 * HOUR)
    store.vouchers.settle("saver", store.clock().server + vouchers.LOOK_AGAIN)
    assert not store.redis.hexists("parcours:voucher:{saver}:given", today[3:])
    assert code not in free(store)
