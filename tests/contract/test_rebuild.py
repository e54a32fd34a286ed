"""A lost Redis comes back out of the archive: the same customers, timers, counts; and nothing is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import SetupError
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.report.archive.place import Place, open_place
from engine.report.archive.rebuild import Rebuilt, rebuild
from engine.report.archive.work import turn
from engine.runtime.bells import Noted
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.counts import counts, inside
from engine.runtime.engine import Engine
from engine.runtime.find import find
from engine.runtime.flows import flows, stayed
from engine.runtime.messages import doubtful
from engine.runtime.people import erase, merge
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.stops import pause, resume
from engine.runtime.store import Store
from tests.contract.archiving import FOREVER
from tests.contract.shop import HOUR, SOURCES, START, Recording, agreed, event, joined, sources

# What is not rebuilt, or differs for good reason: the log itself, leases, what the archiver and the processes say.
HELD = (
    "parcours:id:",
    "parcours:named:",
    "parcours:address:",
    "parcours:intent:",
    "parcours:flags",
    "parcours:plan",
    "parcours:j",
)
# Two offers that learn, and a journey that sends the one that is best by what was learned.
LEARNING = {
    "placements": "placements: {web.home: {}}",
    "actions": """
actions:
  bread: {purpose: marketing, placements: [web.home], message: offer, propensity: {learn: true, start: 0.3}}
  cheese: {purpose: marketing, placements: [web.home], message: welcome, propensity: {learn: true, start: 0.3}}
""",
    "nudge": """
journey: nudge
purpose: marketing
start: {event: page_viewed}
steps:
  - send_best: web.home
    via: [email]
""",
}
NOT_HELD = ("log", "fence", "lease", "in", "copies", "tried", "parcel", "heed", "words")


@pytest.fixture
def one(redis_url: str) -> Iterator[Store]:
    opened = Store.open(redis_url)
    yield opened
    opened.close()


def held(store: Store) -> dict[str, Any]:
    """All that the state holds, by key."""
    found: dict[str, Any] = {}
    for key in sorted(store.redis.keys("*")):
        name = key.decode()
        kind = name.split(":")[1]
        if name.startswith("{"):
            if kind in NOT_HELD:
                continue
        elif not name.startswith(HELD):
            continue
        value = _value(store, key, kind)
        if value not in (0, set()) and not _of_fay(value):  # a stream in which nothing waits
            found[name] = value
    return found


def _of_fay(value: Any) -> bool:
    """She was erased; for a while it stays known that some profile was told something at an address, and what a
    provider calls a message of nobody's."""
    fay = profile_id("customer_id", "fay")
    return isinstance(value, bytes) and value.startswith((f"{fay}|".encode(), f"m{shard_of(fay):02x}".encode()))


def _value(store: Store, key: bytes, kind: str) -> Any:
    of = store.redis.type(key)
    if of == b"hash":
        fields = store.redis.hgetall(key)
        if kind == "flows" and int(key[2:5]) == shard_of(profile_id("customer_id", "fay")):
            return 0  # what was counted of her is not in the archive any more
        if kind == "profile":
            return fields[b"v"], fields.get(b"m"), read_profile(fields[b"b"])
        return {name: value for name, value in fields.items() if name not in (b"copy", b"links")}
    if of == b"zset":
        pairs = store.redis.zrange(key, 0, -1, withscores=True)
        if kind == "seen":  # the names of orders that were carried out are needed by nobody
            pairs = [(name, score) for name, score in pairs if len(name) < 24]
        return {name for name, _ in pairs} if kind in ("seen", "doubtful", "erased", "sending") else dict(pairs)
    if of == b"stream":
        return len(store.redis.xrange(key))
    return store.redis.lrange(key, 0, -1) if of == b"list" else store.redis.get(key)


def engine_of(store: Store, provider: Recording, at: int = START) -> Engine:
    Clock(store).hold(at)
    return Engine(store, PublishedPlans(store), FixedSenders(**{"*": provider}), Noted())


def moved(engine: Engine, at: int) -> None:
    Clock(engine.store).hold(at)
    drain(engine)


def lost_and_rebuilt(store: Store, place: Place, at: int) -> Rebuilt:
    store.redis.flushall()
    again = Store.open(store.url)
    Clock(again).hold(at)
    made = rebuild(again, place, Noted(), at)
    again.close()
    return made


def trouble(outgoing: Outgoing) -> SendOutcome:
    """One is refused, one may have arrived, one must try again."""
    who = outgoing.label
    if "bob" in who and outgoing.message == "offer":
        return SendOutcome("unknown", "the line broke")
    if "cid" in who and outgoing.message == "offer" and outgoing.channel == "email":
        return SendOutcome("bad_address", "no such box")
    if "dan" in who and outgoing.attempt_id.endswith("-1"):
        return SendOutcome("retry", "busy")
    return SendOutcome("accepted", provider_id=f"p-{outgoing.attempt_id}", names="post")


def a_day(store: Store) -> Engine:
    """Customers who join, agree, are merged, erased, paused with; a second release; providers in trouble."""
    engine = engine_of(store, Recording(trouble))
    publish(store, sources(**LEARNING))
    for customer in ("ana", "bob", "cid", "dan", "eve", "fay"):
        engine.accept([agreed(f"a-{customer}", customer=customer)])
        engine.accept([joined(f"j-{customer}", customer, phone="+33612345678", home_store="lyon")])
    drain(engine)
    # some who say what they make of two offers, and some to whom the better one is sent by what was learned so far
    for number in range(24):
        said = "accepted" if number % 3 else "declined"
        offer = {"action": "cheese" if number % 2 else "bread", "placement": "web.home"}
        who = f"x{number}"
        engine.accept([agreed(f"a-{who}", customer=who), joined(f"j-{who}", who)])
        engine.accept([event("action_outcome", f"s-{who}", START, who, outcome="shown", **offer)])
        engine.accept([event("action_outcome", f"d-{who}", START, who, outcome=said, **offer)])
        drain(engine)
        if number % 4 == 0:
            engine.learn()
            other = f"y{number}"
            engine.accept([agreed(f"b-{other}", customer=other), joined(f"k-{other}", other)])
            engine.accept([event("page_viewed", f"q-{other}", START, other, page="/")])
            drain(engine)
    # two who are one, an address that somebody else refuses, a journey that stands still for a while
    engine.accept(
        [event("order_placed", "o1", START, "gil", total=12.5), event("page_viewed", "v1", START, "gil", page="/")]
    )
    drain(engine)
    merge(engine, "customer_id:ana", "customer_id:gil", "me", forced=True)
    engine.accept([event("unsubscribed", "u1", START + HOUR, "eve", channel="email", purpose="marketing")])
    moved(engine, START + HOUR)
    pause(store, "welcome", "me")
    moved(engine, START + 2 * HOUR + 1)
    publish(store, sources(**LEARNING, welcome=SOURCES["journeys/welcome.yaml"].replace("wait: 2h", "wait: 3h")))
    resume(store, "welcome", "shift", "me")
    engine.accept([joined("j-hal", "hal")])
    moved(engine, START + 4 * HOUR)
    erase(engine, "customer_id:fay", "me")
    engine.accept([event("order_placed", "o2", START + 4 * HOUR, "gil", total=7.0)])
    moved(engine, START + 5 * HOUR)
    return engine


def test_what_was_lost_comes_back_as_it_was(one: Store, tmp_path: Path) -> None:
    # given a day with all sorts of things, archived
    engine = a_day(one)
    at = engine.store.clock().engine
    place = open_place(str(tmp_path / "archive"))
    turn(one, place, 10)
    turn(one, place, 10, today=FOREVER)
    before, knew = held(one), one.lessons.read()
    assert stayed(flows(one)) == inside(counts(one))
    # when Redis is lost, and rebuilt
    made = lost_and_rebuilt(one, place, at)
    # then everything is as it was
    assert made.faults == []
    after = held(one)
    assert stayed(flows(one)) == inside(counts(one))
    for name in sorted(before.keys() | after.keys()):
        assert after.get(name) == before.get(name), name
    # and so is what was learned, as the snapshot that comes next
    known = one.lessons.read()
    assert known.number == knew.number + 1
    assert known.cells.keys() >= knew.cells.keys()
    # and life goes on: the same event is a duplicate, a timer fires, and the archive goes on as well
    provider = Recording()
    engine = engine_of(one, provider, at)
    answers = engine.accept([joined("j-hal", "hal")])
    assert type(answers[0]).__name__ == "Duplicate"
    moved(engine, at + 24 * HOUR)
    assert len({each.attempt_id for each in provider.sent}) == len(provider.sent)
    done = turn(one, place, 10)
    assert done is not None
    assert done.entries > 0


def test_what_was_at_the_door_is_listed_and_not_sent_again(one: Store, tmp_path: Path) -> None:
    # given an offer that is due, and whose worker was about to send it when Redis was lost
    publish(one, sources())
    engine = engine_of(one, Recording())
    engine.accept([agreed(), joined()])
    drain(engine)
    place = open_place(str(tmp_path / "archive"))
    turn(one, place, 10)
    at = START + 3 * HOUR
    # when it is rebuilt after the offer was due
    made = lost_and_rebuilt(one, place, at)
    # then nothing leaves, and the offer is listed
    assert len(made.unknown) == 1
    provider = Recording()
    engine = engine_of(one, provider, at)
    drain(engine)
    assert provider.sent == []
    assert [each.id for each in doubtful(one, 10)] == made.unknown
    # and she is known as before
    assert find(one, engine.running().plan, "customer_id:ana") == profile_id("customer_id", "ana")
    # and when it is lost once more, all of that comes back as well
    turn(one, place, 10)
    before = held(one)
    assert lost_and_rebuilt(one, place, at).unknown == []
    assert held(one) == before


def test_no_code_is_given_a_second_time_whatever_file_is_loaded_anew(one: Store, tmp_path: Path) -> None:
    # given a pool of codes, two of which are archived as given, and one that was given a moment before the loss
    publish(one, sources())
    engine = engine_of(one, Recording())
    engine.accept([joined()])
    drain(engine)
    codes = [f"CODE{number}" for number in range(8)]
    one.vouchers.add("ten off", codes)
    given = [one.vouchers.claim("ten off", f"m00{number}", "c1") for number in range(2)]
    place = open_place(str(tmp_path / "archive"))
    turn(one, place, 10)
    given.append(one.vouchers.claim("ten off", "m002", "c1"))
    # when Redis is lost and rebuilt, and the same file is loaded, twice
    lost_and_rebuilt(one, place, START)
    assert one.vouchers.add("ten off", codes) == 6
    assert one.vouchers.add("ten off", codes) == 0
    # then what is known as given is never given again, and of what is not known the last that is left
    again = [one.vouchers.claim("ten off", f"m10{number}", "c2") for number in range(7)]
    assert again == ["CODE7", "CODE6", "CODE5", "CODE4", "CODE3", "CODE2", ""]
    assert set(again).isdisjoint(given[:2])
    # and when it is lost once more, all of them are gone
    turn(one, place, 10)
    lost_and_rebuilt(one, place, START)
    assert one.vouchers.add("ten off", codes) == 0


def test_only_an_empty_store_is_filled(one: Store, tmp_path: Path) -> None:
    publish(one, sources())
    turn(one, open_place(str(tmp_path)), 10)
    with pytest.raises(SetupError, match="not empty"):
        rebuild(one, open_place(str(tmp_path)), Noted())
