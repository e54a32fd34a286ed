"""Releases on a real store: who stands where, one deploy at a time, and what nobody needs any more."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from engine.model.errors import Conflict
from engine.runtime import keys
from engine.runtime.audit import entries
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.counts import Stand, counts
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.releases import deciding, releases, tidy, watch
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, joined, shop, sources

LATER = "journey: welcome\npurpose: service\nstart: {event: account_created}\nsteps:\n  - {wait: 5h}\n"


def opened(store: Store) -> Engine:
    fixed = shop(store, Recording())
    return Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)


def standing(store: Store) -> Counter[Stand]:
    """The same counts, from everybody's state."""
    found: Counter[Stand] = Counter()
    for name in store.redis.scan_iter(match=keys.profile_pattern()):
        profile = read_profile(store.redis.hget(name, "b"))
        found.update(Stand(run.journey, run.version, run.step) for run in profile.enrolments.values())
    return found


def test_counts_say_where_people_stand_in_every_version(store: Store) -> None:
    first = publish(store, sources()).journeys["welcome"].version
    engine = opened(store)
    engine.accept([joined(f"e{n}", f"c{n}") for n in range(7)])
    assert counts(store) == {}
    drain(engine)
    assert counts(store) == standing(store) == {("welcome", first, "wait:2h"): 7}
    # when another version is released, and some join it
    second = publish(store, sources(welcome=LATER)).journeys["welcome"].version
    engine.accept([joined(f"f{n}", f"d{n}") for n in range(3)])
    drain(engine)
    assert counts(store) == standing(store) == {("welcome", first, "wait:2h"): 7, ("welcome", second, "wait:5h"): 3}
    # then those of the first end in it
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    assert counts(store) == standing(store) == {("welcome", second, "wait:5h"): 3}
    Clock(store).hold(START + 6 * HOUR)
    drain(engine)
    assert counts(store) == {}
    assert not any(store.redis.exists(keys.counts(shard)) for shard in keys.EVERY_SHARD)


def test_of_two_deploys_at_once_one_is_refused(store: Store) -> None:
    first = publish(store, sources(), "ana")
    second = publish(store, sources(welcome=LATER), "bo", before=first.fingerprint)
    with pytest.raises(Conflict, match=f"deployed plan is {second.fingerprint} now, not {first.fingerprint}"):
        publish(store, sources(), "cy", before=first.fingerprint)
    assert not store.put_plan("other", b"", {}, first.fingerprint)
    assert store.pulse().plan == second.fingerprint
    assert [(each.who, each.details) for each in entries(store)] == [
        ("bo", {"plan": second.fingerprint, "before": first.fingerprint}),
        ("ana", {"plan": first.fingerprint, "before": ""}),
    ]
    # and the same again is no deploy
    publish(store, sources(welcome=LATER), "dee")
    assert len(entries(store)) == 2


def test_only_what_decides_has_everybody_looked_at(store: Store) -> None:
    files = sources()
    publish(store, files)
    engine = opened(store)
    engine.accept([joined()])
    drain(engine)
    look = f"{files['templates/messages/offer.j2']} "
    publish(store, files | {"templates/messages/offer.j2": look})
    assert min(each.timer for each in store.shards.look(["email"]) if each.timer) == START + 2 * HOUR
    publish(store, sources(welcome=LATER))
    assert min(each.timer for each in store.shards.look(["email"]) if each.timer) == START


def test_a_release_is_dropped_when_nobody_is_inside_and_the_log_has_forgotten_it(store: Store) -> None:
    first, engine = publish(store, sources()), opened(store)
    engine.accept([joined()])
    drain(engine)
    second = publish(store, sources(welcome=LATER))
    # given somebody who is still inside the first version
    assert tidy(store) == tidy(store) == []
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    # when she has left it, its sources stay for as long as the log may speak of it
    assert tidy(store) == tidy(store) == []
    assert store.plan_sources(first.fingerprint)
    for shard in keys.EVERY_SHARD:
        store.redis.delete(keys.log(shard))
    time.sleep(0.002)
    assert tidy(store) == [first.fingerprint]
    assert set(releases(store)) == {second.fingerprint}
    assert store.plan_sources(first.fingerprint) is None
    assert store.plan_of_journey("welcome", first.journeys["welcome"].version) == ""


def test_every_process_says_by_which_plan_it_decides(store: Store) -> None:
    first = publish(store, sources())
    end = watch(store, PublishedPlans(store), "worker")
    try:
        assert _within(5.0, lambda: [each.plan for each in deciding(store)] == [first.fingerprint])
        second = publish(store, sources(welcome=LATER))
        assert _within(2.0, lambda: [each.plan for each in deciding(store)] == [second.fingerprint])
    finally:
        end()


def _within(seconds: float, holds: object) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False
