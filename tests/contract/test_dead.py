"""What the engine cannot deal with goes aside, is listed with its reason, and can be taken up again, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.journey.apply import apply_event
from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.ids import profile_id, shard_of
from engine.model.message import SendOutcome
from engine.model.profile import Profile
from engine.runtime import keys
from engine.runtime.blob import Arrival, pack, read_profile
from engine.runtime.clock import Clock
from engine.runtime.dead import letter, letters, replay
from engine.runtime.engine import Engine
from engine.runtime.people import merge
from engine.runtime.plans import FixedPlan, Running, publish
from engine.runtime.pump import drain
from engine.runtime.shard_data import Append
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, compiled, event, happened, joined, records, shop, sources

# on one server: what this is about is the same on a cluster, whose functions have tests of their own
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

ANA = profile_id("customer_id", "ana")
HOME = shard_of(ANA)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, target: str, fault: Any) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(target, fault)
        yield


def broken_renderer(engine: Engine) -> Engine:
    """The same engine, whose renderer fails in a way that no template can."""

    def render(message: str, *_: Any) -> Any:
        if message == "welcome":
            raise ZeroDivisionError("the engine's own mistake")
        return compiled().renderer.render(message, *_)

    return Engine(engine.store, FixedPlan(Running(compiled().plan, render)), engine.senders, engine.bells)


def let_pass(engine: Engine, seconds: int = 20) -> None:
    for second in range(1, seconds):
        Clock(engine.store).hold(START + second * 1000)
        drain(engine)


def test_a_message_on_which_the_engine_fails_goes_aside_and_stops_nobody_else(store: Store) -> None:
    # given a message that cannot be rendered because of a fault of the engine, and a customer after it
    provider = Recording()
    engine = shop(store, provider)
    broken = broken_renderer(engine)
    engine.accept([joined(), joined("e2", "ben"), event("consent_changed", "c1", channel="email", state="granted")])
    drain(broken)
    # when it was tried three times
    assert letters(store) == []
    let_pass(broken)
    # then it lies with the dead letters, with its reason and the trace
    found = letters(store)
    assert {each.profile for each in found} == {ANA, profile_id("customer_id", "ben")}
    assert {each.reason for each in found} == {"ZeroDivisionError: the engine's own mistake"}
    assert "def render" in found[0].trace or "in render" in found[0].trace
    assert all(look.sending == 0 for look in store.shards.look(["email"]))
    # and the journey goes on: the offer follows two hours later
    Clock(store).hold(START + 3 * HOUR)
    drain(broken)
    assert [told[2] for told in provider.told()] == ["offer"]
    assert ("set_aside", "welcome") in happened(store)


def test_a_message_taken_up_again_leaves_once(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    let_pass(broken_renderer(engine))
    (found,) = letters(store)
    # when two people replay it at once
    assert [replay(store, [found]), replay(store, [found])] == [1, 0]
    drain(engine)
    assert [told[2] for told in provider.told()] == ["welcome"]
    assert letters(store) == []
    drain(engine)
    assert len(provider.sent) == 1


def test_a_message_of_a_customer_who_was_merged_since_is_taken_up_where_they_are_now(store: Store) -> None:
    # given a message that was set aside, whose customer then turns out to be Ben
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    let_pass(broken_renderer(engine))
    (found,) = letters(store)
    engine.accept([event("order_placed", "b1", customer="ben")])
    drain(engine)
    merge(engine, "customer_id:ben", "customer_id:ana", "an operator", forced=True)
    drain(engine)
    assert store.shards.home(found.profile) == profile_id("customer_id", "ben") != found.profile
    before = len(provider.sent)
    # when it is taken up, then it asks the gate once
    assert [replay(store, [found]), replay(store, [found])] == [1, 0]
    drain(engine)
    assert letters(store) == []
    assert not any(look.sending for look in store.shards.look(["email"]))
    assert [each.message for each in provider.sent[before:]] == ["welcome"]


def test_a_message_that_nobody_takes_up_expires_with_its_time_to_live(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    let_pass(broken_renderer(engine))
    (found,) = letters(store)
    Clock(store).hold(START + 49 * HOUR)
    drain(engine)
    assert ("expired", "welcome") in happened(store)
    assert [each.kind for each in records(store)].count("ended") == 1
    replay(store, [found])
    drain(engine)
    assert provider.sent == []
    assert all(look.idle(START + 49 * HOUR) for look in store.shards.look(["email"]))


def test_a_fault_after_the_provider_answered_is_never_sent_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined(), joined("e2", "ben")])

    def settle(*_: Any) -> Any:
        raise ZeroDivisionError("while settling")

    with failing(monkeypatch, "engine.runtime.leaving.settle", settle):
        drain(engine)
        for _ in range(3):  # recovery meets it again
            for shard in keys.EVERY_SHARD:
                for member in store.redis.zrange(keys.sending(shard), 0, -1):
                    store.redis.zadd(keys.sending(shard), {member: 1})
            engine.sweep()
    found = letters(store)
    assert [each.to for each in found] == ["sending", "sending"]
    sent = len(provider.sent)
    assert replay(store, found) == 2
    engine.sweep()
    drain(engine)
    # a transactional message is handed over again with the very same attempt id
    assert len(provider.sent) == sent + 2
    assert len({each.attempt_id for each in provider.sent}) == 2
    assert not read_profile(store.shards.profiles([ANA])[ANA]).messages


def test_a_customer_who_cannot_be_read_does_not_stop_the_others(store: Store) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined(), joined("e2", "ben")])
    for shard in keys.EVERY_SHARD:
        engine.advance(shard)
    whole = store.redis.hget(keys.profile(HOME, ANA), "b")
    store.redis.hset(keys.profile(HOME, ANA), "b", b"\xc1")
    let_pass(engine)
    assert [told[0] for told in provider.told()] == ["ben@fernhill.example"]
    (found,) = letters(store)
    # when it is readable again, then the message is taken up
    store.redis.hset(keys.profile(HOME, ANA), "b", whole)
    replay(store, [found])
    drain(engine)
    assert [told[0] for told in provider.told()][1:] == ["ana@fernhill.example"]


def test_an_event_is_replayed_once_and_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(profile: Profile, words: Any, given: Any, **more: Any) -> Any:
        if given.id == "bad":
            raise RuntimeError("no such thing")
        return apply_event(profile, words, given, **more)

    engine = shop(store, Recording())
    with failing(monkeypatch, "engine.journey.react.apply_event", fails):
        engine.accept([event("order_placed", id_, total=1) for id_ in ("o1", "bad", "o2")])
        drain(engine)
    (found,) = letters(store, reason="NO SUCH")
    assert found.what == "order_placed bad"
    assert found.event is not None
    assert letters(store, reason="another") == []
    assert letter(store, found.id) == found
    assert [replay(store, [found]), replay(store, [found])] == [1, 0]
    drain(engine)
    assert read_profile(store.shards.profiles([ANA])[ANA]).attributes["orders"] == 3
    with pytest.raises(SetupError, match="parcours dead list"):
        letter(store, found.id)
    for wrong in ("", "x", "999-1-1", "7", "7-1"):
        with pytest.raises(SetupError, match="no dead letter"):
            letter(store, wrong)


def test_what_no_vocabulary_knows_crashes_nobody(store: Store) -> None:
    strange = [
        Event(id="s1", name="never_heard_of", profile={}, at=START, received=START, properties={"x": [1, {"y": None}]}),
        Event(id="s2", name="order_placed", profile={"shoe": "43"}, at=START, received=START),
        Event(id="s3", name="", profile={}, at=-1, received=0, channel="nowhere"),
    ]
    engine = shop(store, Recording())
    store.shards.append([Append(ANA, each.id, pack(Arrival(ANA, "customer_id:ana", each))) for each in strange])
    store.shards.append([Append(ANA, "s4", b"\xc1 no event at all")])
    engine.accept([joined()])
    drain(engine)
    # then the customer's next event counts, and whatever could not be decided can be looked into
    assert ("sent", "welcome") in happened(store)
    assert store.shards.look([], [HOME])[0].entries == 0
    assert "bytes that are no event" in {each.what for each in letters(store)}
    before = letters(store)
    assert replay(store, before) == len(before)
    drain(engine)
    assert {each.what for each in letters(store)} == {each.what for each in before}  # it is not lost, nor doubled
    assert len(letters(store)) == len(before)


def test_more_letters_than_one_page_are_all_found(store: Store) -> None:
    for number in range(1203):
        store.redis.xadd(keys.dead(3), {"w": f"c{number}", "reason": "x", "at": number})
    assert [each.at for each in letters(store)] == list(range(1203))


def test_the_command_lists_shows_and_replays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url.partition(",")[0])
    publish(store, sources())
    engine = shop(store, Recording(lambda outgoing: SendOutcome("accepted")))
    engine.accept([joined()])
    let_pass(broken_renderer(engine))
    (found,) = letters(store)

    def run(*arguments: str) -> str:
        answer = CliRunner().invoke(main, ["dead", *arguments])
        assert answer.exit_code == 0, answer.output
        return answer.output

    listed = run("list")
    assert found.id in listed
    assert "ZeroDivisionError" in listed
    assert "No dead letters" in run("list", "--reason", "elsewhere")
    shown = run("show", found.id)
    assert "in render" in shown
    assert found.profile in shown
    lines = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert [line["id"] for line in lines] == [found.id]
    wrong = CliRunner().invoke(main, ["dead", "replay"])
    assert wrong.exit_code == 2
    assert "--all" in wrong.output
    assert "1 taken up" in run("replay", "--reason", "zerodivision")
    assert "No dead letters" in run("list")
