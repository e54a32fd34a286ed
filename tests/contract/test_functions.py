"""What the functions inside Redis promise: each all or nothing, whoever else is at work."""

from __future__ import annotations

import time

import pytest

from engine.model.errors import Conflict, SetupError, StoreMismatch
from engine.model.flags import Flags, Pause
from engine.model.ids import shard_of
from engine.model.profile import Profile
from engine.model.record import Record, Row
from engine.runtime import keys, stops
from engine.runtime.audit import entries
from engine.runtime.backlog import tell_backlog
from engine.runtime.blob import pack, read_profile, read_records
from engine.runtime.clock import Clock
from engine.runtime.commit import Claim, Commit
from engine.runtime.shard_data import Append, Entry
from engine.runtime.store import Store

ANA = "c-ana"
HOME = shard_of(ANA)
NOW = 1_764_000_000_123


def arrive(store: Store, *events: str) -> list[str]:
    """Append events of Ana's and read them; their entry ids."""
    store.shards.append([Append(ANA, event, event.encode()) for event in events])
    return [entry.id for entry in read(store)]


def read(store: Store) -> list[Entry]:
    """What an owner reads who has nothing to finish; he gives the shard back."""
    ((_, _, _, left, entries),) = store.shards.open([HOME], "reader", 5000, NOW, 100)
    store.shards.release([HOME], "reader", NOW)
    assert not left
    return entries


def lease(store: Store, owner: str, ms: int = 5000) -> int:
    (fence,) = store.shards.lease([HOME], owner, ms)
    return fence


def ana(version: int = 0) -> Commit:
    commit = Commit(profile=ANA, at=NOW)
    commit.write(Profile(id=ANA, label="customer_id:ana", version=version))
    return commit


def test_an_event_is_appended_once(store: Store) -> None:
    first = store.shards.append([Append(ANA, "e1", b"one"), Append(ANA, "e1", b"one again")])
    again = store.shards.append([Append(ANA, "e1", b"later")])
    assert first[0][0] != ""
    assert [first[1], *again] == [("", ""), ("", "")]
    assert [entry.blob for entry in read(store)] == [b"one"]


def test_a_shard_that_is_given_back_with_work_left_says_so(store: Store) -> None:
    lease(store, "me")
    assert store.shards.release([HOME, HOME + 1], "me", NOW) == []
    lease(store, "me")
    store.shards.append([Append(ANA, "e1", b"")])
    assert store.shards.release([HOME, HOME + 1], "me", NOW) == [HOME]


def test_a_shard_has_one_owner_and_every_owner_a_higher_fence(store: Store) -> None:
    first = lease(store, "me")
    assert lease(store, "you") == 0
    assert store.shards.open([HOME], "you", 5000, NOW, 10) == []
    assert lease(store, "me") == first  # keeping it is not taking it
    store.shards.release([HOME], "you", NOW)  # not yours to give back
    assert lease(store, "you") == 0
    store.shards.release([HOME], "me", NOW)
    assert lease(store, "you") > first


def test_several_shards_are_taken_and_read_at_once(store: Store) -> None:
    # given three shards with events, one of which somebody holds
    people = {shard_of(f"c-{n}"): f"c-{n}" for n in range(20)}
    first, second, third = list(people)[:3]
    store.shards.append([Append(people[shard], f"e{shard}", str(shard).encode()) for shard in (first, second, third)])
    store.shards.lease([second], "you", 5000)
    # then the others come with their own entries
    opened = store.shards.open([first, second, third], "me", 5000, NOW, 10)
    found = [(each.shard, [(entry.shard, entry.blob) for entry in each.entries]) for each in opened]
    assert found == [(each, [(each, str(each).encode())]) for each in (first, third)]


def test_a_lease_that_ran_out_fences_its_old_owner(store: Store) -> None:
    (entry,) = arrive(store, "e1")
    fence = lease(store, "me", 30)
    time.sleep(0.05)
    commit = ana()
    commit.fence, commit.entries = fence, [entry]
    assert store.shards.commit([commit]) == ["fenced"]  # nobody took it, and it is not ours either
    lease(store, "you")
    assert store.shards.commit([commit]) == ["fenced"]
    assert store.shards.profiles([ANA]) == {}


def test_a_commit_writes_everything(store: Store) -> None:
    (entry,) = arrive(store, "e1")
    fence = lease(store, "me")
    commit = Commit(
        profile=ANA,
        at=NOW,
        plan="f1",
        fence=fence,
        entries=[entry],
        rows=[Row("email", "triggered", "m1", NOW), Row("push", "bulk", "m2", NOW + 7)],
        inputs=["e1"],
        records=[Record(at=NOW, profile=ANA, kind="started", journey="welcome")],
    )
    profile = Profile(id=ANA, label="customer_id:ana", suppressed={"complaint": NOW + 60_000})
    commit.write(profile)
    assert store.shards.commit([commit]) == ["ok"]

    assert read_profile(store.shards.profiles([ANA])[ANA]) == profile
    assert profile.version == 1
    (look,) = store.shards.look(["email", "push"], [HOME])
    assert (look.entries, look.timer) == (0, NOW + 60_000)
    assert look.outs == {("email", "triggered"): NOW, ("push", "bulk"): NOW + 7}
    assert look.next_due() == NOW
    (line,) = [fields for _, fields in store.shards.read_log(HOME)]
    assert (line["t"], line["p"], line["f"]) == (str(NOW).encode(), ANA.encode(), b"f1")
    assert [record.journey for record in read_records(line["r"])] == ["welcome"]


def test_an_entry_is_consumed_once(store: Store) -> None:
    (entry,) = arrive(store, "e1")
    first, second = ana(), ana(version=1)
    first.entries = second.entries = [entry]
    assert store.shards.commit([first, second]) == ["ok", "again"]
    assert read_profile(store.shards.profiles([ANA])[ANA]).version == 1


def test_a_commit_on_an_older_version_changes_nothing(store: Store) -> None:
    (entry,) = arrive(store, "e1")
    assert store.shards.commit([ana()]) == ["ok"]
    late = ana()
    late.entries, late.rows = [entry], [Row("email", "triggered", "m1", NOW)]
    assert store.shards.commit([late]) == ["stale"]
    (look,) = store.shards.look(["email"], [HOME])
    assert (look.entries, look.outs) == (1, {})


def test_a_block_stops_a_message_until_its_event_has_been_processed(store: Store) -> None:
    # given an unsubscribe that was accepted and not processed yet
    store.shards.append([Append(ANA, "e1", b"", ("email/marketing",))])
    (entry,) = [each.id for each in read(store)]
    begin = ana()
    begin.refuse, begin.begin = ["email/*", "email/marketing"], Claim("email", "triggered", ANA, "m1")
    # when a message wants to leave, then it is refused and nothing is written
    assert store.shards.commit([begin]) == ["blocked email/marketing"]
    assert store.shards.look([], [HOME])[0].sending == 0
    # when the event is processed, then consent itself answers again
    processed = ana()
    processed.entries, processed.lift = [entry], [("email/marketing", "e1")]
    begin.write(Profile(id=ANA, label="", version=1))
    assert store.shards.commit([processed, begin]) == ["ok", "ok"]


def test_a_block_that_a_later_event_renewed_is_not_lifted(store: Store) -> None:
    store.shards.append([Append(ANA, event, b"", ("email/marketing",)) for event in ("e1", "e2")])
    processed = ana()
    processed.lift = [("email/marketing", "e1")]
    begin = ana(version=1)
    begin.refuse = ["email/marketing"]
    assert store.shards.commit([processed, begin]) == ["ok", "blocked email/marketing"]


def test_due_timers_follow_the_events_that_are_already_there(store: Store) -> None:
    early, late, never = "c-early", "c-late", "c-never"
    tag = keys.timers(HOME)
    store.redis.zadd(tag, {late: NOW, early: NOW - 5, never: NOW + 1})
    store.shards.append([Append(ANA, "e1", b"event")])
    entries = read(store)
    assert [entry.blob or entry.profile for entry in entries] == [b"event", early, late]
    assert store.redis.zrange(tag, 0, -1) == [never.encode()]


def test_a_due_row_goes_to_one_claimer(store: Store) -> None:
    commit = ana()
    commit.rows = [Row("email", "triggered", f"m{n}", NOW + n) for n in range(3)]
    store.shards.commit([commit])
    mine = store.shards.claim({HOME: 1}, "email", "triggered", NOW + 1)
    yours = store.shards.claim({HOME: 10}, "email", "triggered", NOW + 1)
    assert [claim.message for claim in (*mine, *yours)] == ["m0", "m1"]  # m2 is not due yet
    assert store.shards.look(["email"], [HOME])[0].sending == 2
    store.shards.drop(mine + yours)
    assert store.shards.look(["email"], [HOME])[0].sending == 0


def test_a_claim_whose_lease_ran_out_is_found_by_one_sweeper(store: Store) -> None:
    claim = Claim("email", "triggered", ANA, "m1")
    store.redis.zadd(keys.sending(HOME), {str(claim): 1})
    assert store.shards.expired(HOME) == [claim]
    assert store.shards.expired(HOME) == []


def test_a_dead_letter_keeps_the_entry_and_the_reason(store: Store) -> None:
    (entry,) = arrive(store, "e1")
    bury = Commit(profile=ANA, at=NOW, entries=[entry], dead={"reason": "it raised", "profile": ANA})
    assert store.shards.commit([bury]) == ["ok"]
    ((_, letter),) = store.shards.read_dead(HOME)
    assert (letter["e"], letter["reason"]) == (b"e1", b"it raised")
    assert store.shards.look([], [HOME])[0].entries == 0


def test_what_a_dead_owner_left_comes_back_one_by_one_with_its_count(store: Store) -> None:
    first, second = arrive(store, "e1", "e2")
    ((_, _, _, left, entries),) = store.shards.open([HOME], "next", 5000, NOW, 10)
    assert left
    assert entries == []  # nothing new before these are finished
    assert store.shards.deliveries(HOME) == (first, 1)
    assert store.shards.read_left(HOME, first).blob == b"e1"
    assert store.shards.deliveries(HOME) == (first, 1)  # reading alone is no reason to blame it
    store.shards.blame(HOME, first, 2)
    assert store.shards.deliveries(HOME) == (first, 2)
    commit = ana()
    commit.entries = [first]
    store.shards.commit([commit])
    assert store.shards.deliveries(HOME) == (second, 1)


def test_a_rate_grants_what_there_is_and_says_when_there_is_more(store: Store) -> None:
    granted, wait, _ = store.tokens("email", 100, 10, 25)
    assert (granted, 0 < wait <= 10) == (10, True)
    store.tokens("email", 100, 10, -4)  # four of them were not needed
    assert store.tokens("email", 100, 10, 4) == (4, 0, False)
    time.sleep(0.055)
    assert 5 <= store.tokens("email", 100, 10, 10)[0] <= 10
    assert store.tokens("push", 0.5, 1, 2)[1] > 1900


def test_a_rate_holds_over_many_calls(store: Store) -> None:
    # given a bucket that is empty, and would take ten seconds to be full: how slow this machine is plays no part
    before = time.monotonic()
    assert store.tokens("sms", 500, 5_000, 5_001)[0] == 5_000
    start, granted, asked = time.monotonic(), 0, 0.0
    while asked < start + 0.3:
        asked = time.monotonic()
        granted += store.tokens("sms", 500, 5_000, 1_000)[0]
    assert 500 * (asked - start) - 2 <= granted <= 500 * (time.monotonic() - before) + 1


def test_a_less_urgent_class_gets_what_the_backlog_of_the_others_leaves(store: Store) -> None:
    first, second, last = keys.KLASSES
    # given a full bucket: a tenth of it per class stays for what is more urgent
    assert store.tokens("email", 0.001, 100, 200, last)[0] == 80
    assert store.tokens("email", 0.001, 100, 10, second)[0] == 10
    assert store.tokens("email", 0.001, 100, 8, first) == (8, 0, False)
    # given three transactional ones that found two tokens: of what comes, one is theirs
    assert store.tokens("email", 0.001, 100, 3, first)[0] == 2
    store.tokens("email", 0.001, 100, -30, first)
    granted, _, urgent = store.tokens("email", 0.001, 100, 30, last)
    assert (granted, urgent) == (30 - 20 - 1, True)
    assert store.tokens("email", 0.001, 100, 1, first)[0] == 1
    # given a backlog that the ticker counted
    store.tokens("email", 0.001, 100, -60, first)
    for number in range(70):
        store.redis.zadd(keys.out(7, "email", second), {f"c|m{number}": 1})
    tell_backlog(store, store.shards.look(["email"], [7]), NOW)
    granted, _, urgent = store.tokens("email", 0.001, 100, 100, last)
    assert (granted, urgent) == (0, True)
    # then it is believed for a second, and no longer
    time.sleep(1.05)
    assert store.tokens("email", 0.001, 100, 1, last) == (1, 0, False)


def test_engine_time_can_be_held_moved_and_left_to_run(store: Store) -> None:
    clock = Clock(store)
    clock.hold(NOW)
    time.sleep(0.01)
    assert clock.now() == NOW
    assert store.pulse().time.now() == NOW
    clock.run_from(NOW)
    time.sleep(0.01)
    assert NOW < clock.now() < NOW + 5000
    clock.real()
    assert abs(clock.now() - store.clock().server) < 1000


def test_the_flags_of_an_operator_are_seen_with_every_pulse(store: Store) -> None:
    Clock(store).hold(NOW)
    stops.pause(store, "welcome", "ana")
    stops.kill(store, "*", "bo")
    assert store.pulse().flags == Flags(paused=frozenset({"welcome"}), killed=frozenset("*"))
    Clock(store).hold(NOW + 5)
    stops.resume(store, "welcome", "shift", "ana")
    assert store.pulse().flags == Flags(killed=frozenset("*"), over={"welcome": (Pause(NOW, NOW + 5, "shift"),)})
    with pytest.raises(Conflict, match="neither paused nor killed"):
        stops.resume(store, "welcome", "shift", "ana")
    assert [(each.at, each.what, each.who, each.details) for each in entries(store)] == [
        (NOW + 5, "resume", "ana", {"journey": "welcome", "how": "shift"}),
        (NOW, "kill", "bo", {"journey": "*"}),
        (NOW, "pause", "ana", {"journey": "welcome"}),
    ]


def test_a_store_of_another_shape_is_refused(store: Store) -> None:
    store.redis.hset(keys.META, "shards", 64)
    with pytest.raises(StoreMismatch, match="made with 64 shards"):
        Store.open(store.url)


def test_no_server_is_said_in_a_sentence() -> None:
    with pytest.raises(SetupError, match="No Redis answers"):
        Store.open("redis://127.0.0.1:1/0")


def test_an_older_release_does_not_read_a_newer_profile() -> None:
    newer = pack({"id": ANA, "label": "", "schema": 99, "enrolments": "another shape"})
    with pytest.raises(StoreMismatch, match="schema 99"):
        read_profile(newer)
