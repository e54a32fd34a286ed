"""What commits keep of a message and of a customer's timeline, for how long, and what forbids them."""

from __future__ import annotations

import pytest

from engine.model.ids import shard_of
from engine.model.record import Told
from engine.runtime import keys
from engine.runtime.commit import KEEP_MESSAGE, Commit
from engine.runtime.store import Store

ANA = "c-ana"
HOME = shard_of(ANA)
NOW = 1_764_000_000_123
COPY = bytes(range(256)) * 8


def about(message: str, **fields: str) -> Commit:
    return Commit(profile=ANA, at=NOW, about=message, message=fields)


def test_a_message_and_its_copy_expire_and_what_is_added_later_goes_with_them(store: Store) -> None:
    # given a message that began to leave
    begin = about("m1", channel="email", outcome="sending")
    begin.copy = COPY
    assert store.shards.commit([begin]) == ["ok"]
    name = keys.message(HOME, "m1")
    assert KEEP_MESSAGE - 60_000 < store.redis.pttl(name) <= KEEP_MESSAGE
    assert store.shards.copies(ANA) == ["m1"]
    # when its end is written a day later
    store.redis.pexpire(name, KEEP_MESSAGE - 86_400_000)
    assert store.shards.commit([about("m1", outcome="accepted", reached="1")]) == ["ok"]
    # then all of it is there, for the rest of the time
    assert store.shards.message("m1", HOME) == {
        **{"channel": b"email", "outcome": b"accepted", "reached": b"1"},
        "copy": COPY,
    }
    assert 0 < store.redis.pttl(name) <= KEEP_MESSAGE - 86_400_000


def test_the_end_of_a_message_whose_begin_is_gone_expires_as_well(store: Store) -> None:
    assert store.shards.commit([about("m2", outcome="unknown", reached="1")]) == ["ok"]
    assert 0 < store.redis.pttl(keys.message(HOME, "m2")) <= KEEP_MESSAGE


def test_any_of_several_stops_and_blocks_forbids_a_commit(store: Store) -> None:
    for stopped in ("basket", "*"):
        store.redis.hset(keys.stops(HOME), stopped, "paused")
        commit = about("m3", outcome="sending")
        commit.stops = ("basket", "*")
        assert store.shards.commit([commit]) == ["stopped"]
        store.redis.delete(keys.stops(HOME))
    for block in ("email/*", "email/marketing"):
        store.redis.hset(keys.block(HOME, ANA), block, "e1")
        commit = about("m3", outcome="sending")
        commit.refuse = ("email/*", "email/marketing")
        assert store.shards.commit([commit]) == [f"blocked {block}"]
        store.redis.delete(keys.block(HOME, ANA))
    assert store.shards.message("m3", HOME) == {}


def test_a_timeline_keeps_its_last_lines(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "timeline", 3)
    for count in (2, 2, 1):
        story = [Told(at=NOW, kind="started", key=str(place)) for place in range(count)]
        assert store.shards.commit([Commit(profile=ANA, at=NOW, story=story)]) == ["ok"]
    assert [line.key for line in store.shards.timeline(ANA)] == ["0", "1", "0"]


def test_a_look_tells_what_waits_in_any_outbox_and_in_none(store: Store) -> None:
    (before,) = store.shards.look(["email", "push"], [HOME])
    assert (before.outs, before.sending, before.lease_end) == ({}, 0, None)
    store.redis.zadd(keys.out(HOME, "push", "bulk"), {f"{ANA}|m4": NOW})
    store.redis.zadd(keys.sending(HOME), {f"push|bulk|{ANA}|m5": 7})
    (look,) = store.shards.look(["email", "push"], [HOME])
    assert (look.outs, look.sending, look.lease_end) == ({("push", "bulk"): NOW}, 1, 7)
