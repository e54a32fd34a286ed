"""From showings to snapshots: nothing is counted twice, and neither order nor parcels make a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.learning import Parcel, learn
from engine.journey.core import handle_event
from engine.model.event import Event
from engine.model.learned import NOTHING_YET, Snapshot, Tried
from engine.model.profile import Profile
from engine.model.span import DAY, HOUR
from tests.unit.decide.test_answer import NOW, plan

TODAY = NOW // DAY
CELL = "kit|web.home|"

tries = st.builds(
    Tried,
    st.integers(TODAY - 40, TODAY),
    st.sampled_from([CELL, "kit|web.home|gold", "care|store.till|"]),
    st.integers(1, 30),
    st.integers(0, 1),
)


def parcels(tried: list[Tried], sizes: list[int]) -> list[Parcel]:
    """What was counted, divided into parcels."""
    found, at = [], 0
    for number, size in enumerate((*sizes, len(tried)), 1):
        found.append(Parcel(number % 3, number, tuple(tried[at : at + size])))
        at += size
    return found


def close(one: Snapshot, other: Snapshot) -> bool:
    flat = [{name: tuple(count) for name, count in each.cells.items()} for each in (one, other)]
    return flat[0].keys() == flat[1].keys() and all(
        flat[0][name] == pytest.approx(flat[1][name], rel=1e-9) for name in flat[0]
    )


@settings(max_examples=40)
@given(st.lists(tries, max_size=20), st.lists(st.integers(0, 5), max_size=4), st.randoms(use_true_random=False))
def test_a_snapshot_is_the_same_in_whatever_order_and_parcels_it_was_counted(
    tried: list[Tried], sizes: list[int], shuffle: Any
) -> None:
    whole = learn(NOTHING_YET, [Parcel(9, 1, tuple(tried))], NOW, 7 * DAY)
    mixed = tried[:]
    shuffle.shuffle(mixed)
    step = NOTHING_YET
    for parcel in parcels(mixed, sizes):
        step = learn(step, [parcel], NOW, 7 * DAY)

    assert close(step, learn(NOTHING_YET, parcels(tried, sizes), NOW, 7 * DAY))
    assert close(step, whole)
    assert step.first == whole.first


@settings(max_examples=30)
@given(st.lists(tries, min_size=1, max_size=10), st.lists(st.integers(0, 60), max_size=5))
def test_fading_in_many_steps_is_fading_in_one(tried: list[Tried], steps: list[int]) -> None:
    one = many = learn(NOTHING_YET, [Parcel(1, 1, tuple(tried))], NOW, 30 * DAY)
    now = NOW
    for days in steps:
        now += days * DAY
        many = learn(many, [], now, 30 * DAY)

    assert close(many, learn(one, [], now, 30 * DAY))


def test_half_of_a_showing_is_left_after_a_half_life_and_nothing_of_a_forgotten_one() -> None:
    first = learn(NOTHING_YET, [Parcel(1, 1, (Tried(TODAY, CELL, 8, 4),))], NOW, 10 * DAY)

    assert first.cells[CELL] == (8, 4)
    assert learn(first, [], NOW + 10 * DAY, 10 * DAY).cells[CELL] == (4, 2)
    assert learn(first, [], NOW + HOUR, 10 * DAY) is first
    gone = learn(first, [], NOW + 200 * DAY, 10 * DAY)
    assert (gone.cells, gone.first, gone.number) == ({}, {}, 2)


def test_a_parcel_counts_once() -> None:
    parcel = Parcel(5, 1, (Tried(TODAY, CELL, 1, 0),))
    first = learn(NOTHING_YET, [parcel], NOW, DAY)

    assert learn(first, [parcel], NOW, DAY) is first
    assert learn(first, [replace(parcel, number=2)], NOW, DAY).cells[CELL] == (2, 0)


def tell(profile: Profile, *said: tuple[str, int], placement: str = "store.till") -> tuple[Profile, list[Tried]]:
    """Outcomes of the boot care kit, each so many ms from now; what was learned of them."""
    tried: list[Tried] = []
    for number, (outcome, after) in enumerate(said):
        properties = {"action": "boot_care_kit", "outcome": outcome, "placement": placement}
        at = NOW + after
        event = Event(
            id=f"{outcome}{number}{after}",
            name="action_outcome",
            profile={"customer_id": "ana"},
            at=at,
            received=at,
            properties=properties,
        )
        walk = handle_event(plan(), profile, event, at)
        profile, tried = walk.profile, [*tried, *walk.tried]
    return profile, tried


def counted(*said: tuple[str, int]) -> tuple[int, int]:
    _, tried = tell(Profile(id="c1", label="ana"), *said)
    return sum(each.shown for each in tried), sum(each.accepted for each in tried)


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        # a showing counts at once, and once while it stays the answer
        ([("shown", 0)], (1, 0)),
        ([("shown", 0), ("shown", HOUR), ("shown", 23 * HOUR)], (1, 0)),
        ([("shown", 0), ("shown", 25 * HOUR)], (2, 0)),
        # an acceptance is the success of the showing before it, however late, and once
        ([("shown", 0), ("accepted", 1)], (1, 1)),
        ([("shown", 0), ("accepted", 5 * DAY)], (1, 1)),
        ([("shown", 0), ("accepted", 1), ("accepted", HOUR)], (1, 1)),
        ([("shown", 0), ("accepted", 1), ("shown", HOUR), ("accepted", 2 * HOUR)], (2, 2)),
        # no other answer is one, and minds may change
        ([("shown", 0), ("declined", 1)], (1, 0)),
        ([("shown", 0), ("not_relevant", 1)], (1, 0)),
        ([("shown", 0), ("ignored", 1)], (1, 0)),
        ([("shown", 0), ("declined", 1), ("accepted", HOUR)], (1, 1)),
        # who had no time has judged nothing; what is accepted after all was seen after all
        ([("shown", 0), ("no_time", 1)], (0, 0)),
        ([("shown", 0), ("no_time", 1), ("accepted", HOUR)], (1, 1)),
        ([("shown", 0), ("accepted", 1), ("no_time", 2)], (1, 1)),
        ([("no_time", 0)], (0, 0)),
        # whoever answers has seen it, told of or not
        ([("declined", 0)], (1, 0)),
        ([("accepted", 0)], (1, 1)),
        ([("accepted", 0), ("accepted", 2 * DAY)], (2, 2)),
        # told late: the showing is known by its answer already
        ([("accepted", 0), ("shown", -HOUR)], (1, 1)),
    ],
)
def test_what_counts(said: list[tuple[str, int]], counts: tuple[int, int]) -> None:
    assert counted(*said) == counts


def test_an_acceptance_belongs_to_the_day_and_the_cell_of_its_showing() -> None:
    profile = Profile(id="c1", label="ana")
    _, tried = tell(profile, ("shown", 0), ("accepted", 3 * DAY))

    assert tried == [
        Tried(TODAY, "boot_care_kit|store.till|", 1, 0),
        Tried(TODAY, "boot_care_kit|store.till|", 0, 1),
    ]
    elsewhere = tell(Profile(id="c2", label="bo"), ("shown", 0), placement="no.where")[1]
    assert elsewhere == [Tried(TODAY, "boot_care_kit||", 1, 0)]


def test_what_no_file_declares_is_not_learned() -> None:
    event = Event(
        id="e",
        name="action_outcome",
        profile={},
        at=NOW,
        received=NOW,
        properties={"action": "made|up", "outcome": "shown"},
    )

    assert handle_event(plan(), Profile(id="c1", label="ana"), event, NOW).tried == []
