"""What is learned of actions, on a real Redis: each showing once, whoever dies on the way to the snapshot."""

from __future__ import annotations

from typing import Any

import pytest

from engine.decide.thompson import Thompson
from engine.define.workspace import Compiled, compile_sources
from engine.model.ids import profile_id, shard_of
from engine.model.learned import Snapshot
from engine.model.span import DAY
from engine.runtime import keys
from engine.runtime.blob import Arrival
from engine.runtime.clock import Clock
from engine.runtime.decide import Moment, Work, decide
from engine.runtime.engine import Engine
from engine.runtime.learned import Lessons
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import START, Recording, event, shop, sources

ACTIONS = "actions: {offer: {purpose: marketing, placements: [web.home], propensity: {learn: true, start: 0.1}}}"
CELL = "offer|web.home|"


@pytest.fixture(scope="module")
def built() -> Compiled:
    return compile_sources(sources(actions=ACTIONS, placements="placements: {web.home: {}}")).sound()


def outcome(id_: str, said: str, customer: str = "ana", at: int = START) -> Any:
    return event("action_outcome", id_, at, customer, action="offer", placement="web.home", outcome=said)


def lesson(engine: Engine) -> Snapshot:
    engine.learn()
    return engine.store.lessons.read()


def test_each_showing_counts_once_whatever_is_told_twice_and_whoever_takes_it(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    # given forty customers who were shown it, ten of whom accepted, and every event told twice
    told = [outcome(f"s{n}", "shown", f"c{n}") for n in range(40)]
    told += [outcome(f"a{n}", "accepted", f"c{n}") for n in range(10)]
    engine.accept(told)
    engine.accept(told)
    drain(engine)
    # when a first process takes the parcels and dies, and two others learn at once
    for shard in keys.EVERY_SHARD:
        store.call("parcel", [keys.tried(shard), keys.parcel(shard)], 0)
    first, other = Lessons(store), Lessons(store)
    assert first.learn(built.plan).cells == {CELL: (40, 10)}
    assert other.learn(built.plan).number == 1
    # then every showing counts once, and what comes later is added
    engine.accept([outcome("s40", "shown", "c40"), outcome("a11", "accepted", "c11")])
    drain(engine)
    assert lesson(engine).cells == {CELL: (41, 11)}
    assert lesson(engine).number == 2
    # and time takes its part
    Clock(store).hold(START + 30 * DAY)
    assert lesson(engine).cells[CELL] == pytest.approx((20.5, 5.5))


def test_a_process_that_learns_from_old_knowledge_begins_anew(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    engine.accept([outcome("s1", "shown")])
    drain(engine)
    slow = Lessons(store)
    old = slow.read()
    # given one who has read and stands still while another learns
    assert lesson(engine).cells == {CELL: (1, 0)}
    answers = iter([old])
    slow.read = lambda: next(answers, None) or Lessons(store).read()  # type: ignore[method-assign]
    # when it goes on with what it had read, then the parcel counts once all the same
    assert slow.learn(built.plan).cells == {CELL: (1, 0)}
    assert store.lessons.read().cells == {CELL: (1, 0)}


def test_a_commit_that_is_refused_or_comes_again_counts_nothing(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    engine.accept([outcome("s1", "shown")])
    ana = profile_id("customer_id", "ana")
    home = shard_of(ana)
    (opened,) = store.shards.open([home], "me", 60_000, START, 10)
    pulse = store.pulse()
    moment = Moment(engine.plans.at(""), engine.plans, pulse.flags, START)
    told = outcome("s1", "shown")
    (commit,) = decide(moment, ana, None, [Work(opened.entries[0].id, Arrival(ana, "ana", told))])
    commit.fence = opened.fence
    # given a decision that was written once
    assert store.shards.commit([commit]) == ["ok"]
    # when the same comes again, or from somebody who has lost the shard
    again = store.shards.commit([commit])
    commit.fence = opened.fence + 1
    assert (again, store.shards.commit([commit])) == (["again"], ["fenced"])
    # then the showing is there once
    assert store.redis.hgetall(keys.tried(home)) == {f"{START // DAY}|{CELL}|s".encode(): b"1"}


def test_a_showing_that_is_taken_back_after_its_parcel_was_taken_is_gone(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    engine.accept([outcome("s1", "shown")])
    drain(engine)
    assert lesson(engine).cells == {CELL: (1, 0)}
    engine.accept([outcome("n1", "no_time", at=START + 1)])
    drain(engine)
    assert lesson(engine).cells == {}


def test_processes_find_the_newest_snapshot_and_read_it_only_when_it_is_new(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    reader = Store(store.url)
    nothing = reader.pulse().flags.learned
    assert isinstance(nothing, Thompson)
    assert nothing.number == 0
    engine.accept([outcome("s1", "shown"), outcome("a1", "accepted")])
    drain(engine)
    assert reader.pulse().flags.learned is nothing
    engine.learn()
    newest = reader.pulse().flags.learned
    assert isinstance(newest, Thompson)
    assert (newest.number, newest.snapshot.cells) == (1, {CELL: (1, 1)})
    assert reader.pulse().flags.learned is newest
    reader.close()


def test_who_is_erased_stays_in_the_sums_where_nobody_is_named(store: Store, built: Compiled) -> None:
    engine = shop(store, Recording(), built)
    engine.accept([outcome("s1", "shown")])
    drain(engine)
    assert erase(engine, "customer_id:ana", "an operator")
    assert lesson(engine).cells == {CELL: (1, 0)}
