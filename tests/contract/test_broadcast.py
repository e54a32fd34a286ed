"""A journey for everybody: in waves, once for each customer, whatever dies, and nobody else waits behind it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.define.workspace import compile_sources
from engine.model.errors import SetupError
from engine.model.ids import profile_id, shard_of
from engine.runtime import broadcast, keys, stops
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import Recording, agreed, joined, shop, sources

NEWS = """
journey: news
purpose: marketing
start: {request: true, only_if: customer.phone is known}
steps: [{send: offer, via: email}]
"""
FILES = sources(
    news=NEWS, welcome="journey: welcome\npurpose: service\nstart: {event: order_placed}\nsteps: [{stop: done}]\n"
)
BUILT = compile_sources(FILES).sound()
EVERYBODY = [f"c{n}" for n in range(60)]


def full_shop(store: Store) -> tuple[Engine, Recording]:
    """Sixty customers who agreed to marketing; those with an even number have a telephone."""
    provider = Recording()
    engine = shop(store, provider, BUILT)
    for number, name in enumerate(EVERYBODY):
        phone = {"phone": "+33612345678"} if number % 2 == 0 else {}
        engine.accept([agreed(f"a{number}", customer=name), joined(f"e{number}", name, **phone)])
    drain(engine)
    return engine, provider


def finish(engine: Engine, name: str) -> None:
    while name in broadcast.running(engine.store):
        engine.waves(name)
        drain(engine)


def test_everybody_is_asked_for_once_and_only_if_decides(store: Store) -> None:
    engine, provider = full_shop(store)
    begun = broadcast.start(store, BUILT.plan, "news", "ana")
    assert (begun.state, begun.told, begun.total) == ("running", 0, len(EVERYBODY))
    finish(engine, begun.id)
    assert sorted(each.address for each in provider.sent) == sorted(
        f"{name}@fernhill.example" for name in EVERYBODY[::2]
    )
    done = broadcast.show(store, begun.id)
    assert (done.state, done.told, broadcast.running(store)) == ("done", len(EVERYBODY), [])
    # a second one is another one
    finish(engine, broadcast.start(store, BUILT.plan, "news", "ana").id)
    assert len(provider.sent) == len(EVERYBODY)
    assert [each.state for each in broadcast.broadcasts(store)] == ["done", "done"]


def test_somebody_who_is_gone_does_not_come_back(store: Store) -> None:
    engine, _ = full_shop(store)
    store.redis.zadd(keys.people(shard_of("gone")), {"gone": 0})
    finish(engine, broadcast.start(store, BUILT.plan, "news", "ana").id)
    assert store.shards.profiles(["gone"]) == {}


def test_its_messages_are_bulk(store: Store) -> None:
    engine, _ = full_shop(store)
    begun = broadcast.start(store, BUILT.plan, "news", "ana")
    engine.waves(begun.id)
    for shard in keys.EVERY_SHARD:
        engine.advance(shard)
    classes = {klass for look in store.shards.look(["email"]) for _, klass in look.outs}
    assert classes == {"bulk"}


def test_a_wave_that_died_before_it_was_noted_tells_nobody_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, provider = full_shop(store)
    begun = broadcast.start(store, BUILT.plan, "news", "ana")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("engine.runtime.broadcast._remember", dies)
        with pytest.raises(KeyboardInterrupt):
            engine.waves(begun.id)
    drain(engine)
    assert len(provider.sent) == len(EVERYBODY) // 2  # they were in the inboxes already
    finish(engine, begun.id)
    assert len(provider.sent) == len(EVERYBODY) // 2
    assert broadcast.show(store, begun.id).told == len(EVERYBODY)


def test_many_customers_of_one_shard_go_in_several_waves_and_nobody_waits_behind_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "WAVE", 3)
    monkeypatch.setattr(broadcast, "SHORT", 5)
    engine, provider = full_shop(store)
    home = shard_of(profile_id("customer_id", "c0"))
    neighbours = [f"n{n}" for n in range(6_000) if shard_of(profile_id("customer_id", f"n{n}")) == home]
    engine.accept([joined(f"e-{name}", name) for name in neighbours])
    drain(engine)
    assert len(neighbours) > 10
    begun = broadcast.start(store, BUILT.plan, "news", "ana")
    engine.waves(begun.id)
    assert store.redis.xlen(keys.inbox(home)) <= 5 + 3
    assert broadcast.show(store, begun.id).state == "running"
    finish(engine, begun.id)
    assert len(provider.sent) == len(EVERYBODY) // 2
    assert broadcast.show(store, begun.id).told == len(EVERYBODY) + len(neighbours)


def test_a_paused_journey_waits_and_a_killed_one_stops(store: Store) -> None:
    engine, provider = full_shop(store)
    begun = broadcast.start(store, BUILT.plan, "news", "ana")
    stops.pause(store, "news", "ana")
    assert engine.waves(begun.id) == 0
    assert broadcast.show(store, begun.id).state == "running"
    stops.kill(store, "news", "ana")
    engine.waves(begun.id)
    assert broadcast.show(store, begun.id).state == "stopped"
    assert provider.sent == []


def test_what_cannot_be_broadcast_is_refused(store: Store) -> None:
    with pytest.raises(SetupError, match="request: true"):
        broadcast.start(store, BUILT.plan, "welcome", "ana")
    with pytest.raises(SetupError, match="No journey 'nothing'"):
        broadcast.start(store, BUILT.plan, "nothing", "ana")
    with pytest.raises(SetupError, match="broadcast list"):
        broadcast.show(store, "b1")


def test_the_command(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url.partition(",")[0])
    engine, provider = full_shop(store)
    publish(store, FILES)

    def run(*arguments: str) -> str:
        answer = CliRunner().invoke(main, ["broadcast", *arguments])
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "No broadcasts" in run("list")
    assert "about 60 customers" in run("start", "news")
    (name,) = broadcast.running(store)
    live = Engine(store, PublishedPlans(store), engine.senders, engine.bells)
    finish(live, name)
    assert "done: 60 of about 60 customers (100 %)" in run("list")
    assert "is done" in run("stop", name)
    assert len(provider.sent) == 30
