"""Doorbells on a real broker, the ticker that hears what was lost, and prompts that expire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from queue import Empty

import pytest
from celery import Celery

from engine.channels import CHANNEL
from engine.model.ids import profile_id, shard_of
from engine.model.message import SendOutcome
from engine.runtime import keys
from engine.runtime.app import make_app
from engine.runtime.bells import Noted
from engine.runtime.celery_bells import MOST, CeleryBells
from engine.runtime.clock import Clock
from engine.runtime.prompts import StorePromptSender
from engine.runtime.store import Store
from engine.runtime.ticker import tick
from engine.settings import load
from tests.contract.shop import START, Recording, joined, shop

# on one server: a broker is no matter of clusters, and a tick has its time
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

HOME = shard_of(profile_id("customer_id", "ana"))


@pytest.fixture
def app(redis_url: str) -> Iterator[Celery]:
    made = make_app(load(redis_url=redis_url))
    yield made
    made.close()


def heard(app: Celery, queue: str) -> list[tuple[str, list[object]]]:
    """(task, arguments) of the doorbells in a queue, which is empty afterwards."""
    found = []
    with app.connection_for_read() as connection, suppress(Empty), connection.SimpleQueue(queue) as reader:
        while True:
            message = reader.get_nowait()
            found.append((message.headers["task"], message.payload[0]))
            message.ack()
    return found


def test_a_doorbell_is_a_celery_message_like_any_other(app: Celery, store: Store) -> None:
    # given a task published by Celery itself and the same doorbell as we push it
    app.send_task("parcours.advance", (7,), queue="plain", ignore_result=True)
    CeleryBells(app, store).ring([("ours", "parcours.advance", (7,))])
    with app.connection_for_read() as connection:
        plain, ours = (connection.SimpleQueue(name).get(timeout=1) for name in ("plain", "ours"))
        # then a worker cannot tell one from the other, but for what is each one's own
        own = {"id", "root_id", "argsrepr", "kwargsrepr", "origin", "timelimit"}
        assert set(ours.headers) == set(plain.headers)
        assert {k: v for k, v in ours.headers.items() if k not in own} == {
            k: v for k, v in plain.headers.items() if k not in own
        }
        assert ours.payload == plain.payload
        assert ours.headers["id"] != plain.headers["id"]
        assert set(ours.properties) == set(plain.properties)


def test_every_doorbell_has_ids_of_its_own(app: Celery, store: Store) -> None:
    bells = CeleryBells(app, store)
    bells.ring([("advance", "parcours.advance", ())] * 2)
    assert bells.depth("advance") == 2
    assert heard(app, "advance") == [("parcours.advance", [])] * 2


def test_doorbells_that_nobody_hears_do_not_pile_up(app: Celery, store: Store) -> None:
    bells = CeleryBells(app, store)
    bells.ring([("unheard", "parcours.advance", ())] * (MOST + 1))
    bells.recover([1])
    assert (bells.depth("unheard"), bells.depth("maintenance")) == (MOST, 1)


def test_a_connection_that_was_closed_meanwhile_costs_no_doorbell(app: Celery, store: Store) -> None:
    bells = CeleryBells(app, store)
    bells.recover([1])
    store.redis.client_kill_filter(_type="normal", skipme=True)
    bells.recover([2])
    assert heard(app, "maintenance") == [("parcours.recover", [1]), ("parcours.recover", [2])]


def test_a_crowd_of_shards_has_one_doorbell(app: Celery, store: Store) -> None:
    # given shards that are to be looked at, and nobody on the way
    bells = CeleryBells(app, store)
    bells.advance(range(20))
    bells.advance([20])
    bells.deliver([("email", 1), ("sms", 3), ("email", 2)])
    bells.advance(())
    # then one doorbell for each queue says so
    assert heard(app, "advance") == [("parcours.advance", [])]
    assert heard(app, "deliver.email") == [("parcours.deliver", ["email"])]
    assert heard(app, "deliver.sms") == [("parcours.deliver", ["sms"])]
    # and whoever hears it takes some of them; from then on it rings again
    first = store.ready.hear("advance", 9)
    bells.advance([21])
    assert heard(app, "advance") == [("parcours.advance", [])]
    assert sorted([*first, *store.ready.take("advance", 100)]) == list(range(22))
    assert store.ready.take("advance", 100) == []


def test_a_round_does_all_there_is_and_calls_others_to_help(store: Store) -> None:
    # given events in many shards
    engine = shop(store, Recording())
    bells = engine.bells
    assert isinstance(bells, Noted)
    engine.accept([joined(f"e{number}", f"c{number}") for number in range(40)])
    shards = {shard_of(profile_id("customer_id", f"c{number}")) for number in range(40)}
    # when somebody hears that they are ready
    store.ready.add("advance", bells.shards)
    bells.shards.clear()
    done = engine.advance_round()
    # then a share is done at once, and the others are called for
    assert 0 < len(bells.shards) < 10
    while bells.shards:
        store.ready.add("advance", bells.shards)
        bells.shards.clear()
        done += engine.advance_round()
    assert done == 40
    # and all messages are rung for
    assert {shard for _, shard in bells.rows} == shards
    store.ready.add("deliver.email", shards)
    sent = 0
    while shards:
        bells.rows.clear()
        sent += engine.deliver_round("email")
        shards = {shard for _, shard in bells.rows}
        store.ready.add("deliver.email", shards)
    assert sent == 40


def test_a_lost_doorbell_costs_one_tick(store: Store, app: Celery) -> None:
    # given an event whose doorbell was lost
    engine, bells = shop(store, Recording()), CeleryBells(app, store)
    engine.accept([joined()])
    # when the ticker looks, then it rings; and nobody else does within the same tick
    assert tick(store, bells, tuple(CHANNEL)) is True
    assert tick(store, bells, tuple(CHANNEL)) is False
    assert heard(app, "advance") == [("parcours.advance", [])]
    assert store.ready.take("advance", 9) == [HOME]
    # and a message that is due is rung for as well
    engine.advance(HOME)
    store.redis.delete(keys.TICK)
    tick(store, bells, tuple(CHANNEL))
    assert heard(app, "deliver.email") == [("parcours.deliver", ["email"])]
    assert store.ready.take("deliver.email", 9) == [HOME]


def test_the_ticker_rings_for_what_a_dead_sender_left(store: Store, app: Celery) -> None:
    engine, bells = shop(store, Recording()), CeleryBells(app, store)
    engine.accept([joined()])
    engine.advance(HOME)
    (claim,) = store.shards.claim({HOME: 10}, "email", "transactional", START)
    tick(store, bells, tuple(CHANNEL))
    assert heard(app, "maintenance") == []  # its lease runs
    store.redis.zadd(keys.sending(HOME), {str(claim): 1})
    store.redis.delete(keys.TICK)
    tick(store, bells, tuple(CHANNEL))
    assert heard(app, "maintenance") == [("parcours.recover", [HOME])]


def test_a_shard_that_is_being_worked_on_is_left_alone(store: Store, app: Celery) -> None:
    engine, bells = shop(store, Recording()), CeleryBells(app, store)
    engine.accept([joined()])
    store.shards.lease([HOME], "somebody", 5000)
    tick(store, bells, tuple(CHANNEL))
    assert heard(app, "advance") == []


def test_a_prompt_is_shown_once_until_it_expires(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    engine.advance(HOME)
    engine.deliver("email", HOME)
    sender = StorePromptSender(store)
    prompt = replace(provider.sent[0], channel="store", address="lyon", expires=START + 200)
    assert [sender.send(prompt).kind, sender.send(prompt).kind] == ["accepted", "accepted"]
    assert [each.id for each in store.prompts.table("lyon").prompts] == [prompt.message_id]
    assert store.prompts.table("paris").prompts == ()
    time.sleep(0.25)
    assert store.prompts.table("lyon").prompts == ()
    assert sender.send(replace(prompt, expires=START - 1)) == SendOutcome("refused", "the prompt had expired")


def test_sweeping_forgets_what_is_old_and_nothing_else(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([joined()])
    store.redis.zadd(keys.seen(HOME), {"long-ago": 1})
    engine.sweep()
    assert store.redis.zrange(keys.seen(HOME), 0, -1) == [b"e1"]
    assert Clock(store).now() == START
