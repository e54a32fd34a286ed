"""Segments, emitted events and arms: what follows from a decision, by event or by time alone."""

from __future__ import annotations

from engine.model.profile import Profile
from tests.story import Story

SEGMENTS = "segments:\n  fresh: [order_placed in last 2h]\n  gold: customer.tier is gold\n"


def test_a_segment_is_entered_by_an_event_and_left_by_time_alone() -> None:
    story = Story("journey: j\nstart: {event: booked}\nsteps: [{wait: 1h}]\n", others=[SEGMENTS])
    story.event("2026-03-02T08:00:00Z", "order_placed", order_id="o1")
    assert list(story.ana.segments) == ["fresh"]
    story.event("2026-03-02T09:00:00Z", "order_placed", order_id="o2")
    story.until("2026-03-02T10:59:59Z")
    assert list(story.ana.segments) == ["fresh"]
    story.until("2026-03-02T11:00:00Z")
    assert story.ana.segments == {}
    assert [(record.kind, record.reason.partition(":")[0]) for record in story.records] == [
        ("entered", "segment fresh"),
        ("left", "segment fresh"),
    ]


def test_the_event_that_brings_the_customer_into_a_segment_does_not_end_what_that_starts() -> None:
    journey = "journey: j\nstart: {enters: fresh}\ngoal: order_placed\nsteps: [{wait: 1h}]\n"
    story = Story(journey, others=[SEGMENTS])
    story.event("2026-03-02T08:00:00Z", "order_placed", order_id="o1")
    assert story.kinds("started") == ["j 2026-03-02T08:00:00Z"]
    assert story.kinds("ended") == []
    story.event("2026-03-02T08:30:00Z", "order_placed", order_id="o2")
    assert story.reasons("ended") == ["goal: order_placed (e2)"]


def test_events_that_emit_one_another_end_as_a_runaway() -> None:
    ping = "journey: ping\nstart: {event: booked, again: at once}\nsteps: [{emit: moved}]\n"
    pong = "journey: pong\nstart: {event: moved, again: at once}\nsteps: [{emit: booked}]\n"
    story = Story(ping, pong)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    assert [reason.partition(":")[0] for reason in story.reasons("ended")] == [*["completed"] * 20, "runaway"]
    assert len(story.reasons("started")) == 21


SPLIT = """
journey: j
start: {event: booked}
steps:
  - split: s
    arms:
      a: {share: %d%%, then: [{stop: a}]}
      b: {share: %d%%, then: [{stop: b}]}
"""


def arm(profile: str, first: int, second: int, before: Profile | None = None) -> tuple[str, Profile]:
    """The arm a customer gets, and who they are afterwards."""
    story = Story(SPLIT % (first, second))
    simulator = story.simulator
    story.event("2026-03-02T08:00:00Z", "moved", profile={"customer_id": profile})
    (identity,) = simulator.profiles
    if before is not None:
        simulator.profiles[identity].arms = before.arms
    story.event("2026-03-02T09:00:00Z", "booked", profile={"customer_id": profile}, booking_id="k")
    (found,) = [record.extra for record in story.records if record.kind == "split"]
    assert found is not None
    return str(found["arm"]), simulator.profiles[identity]


def test_an_arm_once_given_is_kept_when_the_shares_change() -> None:
    # case 18
    people = [f"p{number}" for number in range(60)]
    first = {name: arm(name, 10, 90) for name in people}
    again = {name: arm(name, 20, 80, profile) for name, (_, profile) in first.items()}
    newcomers = {name: arm(name, 20, 80) for name in people}
    assert {name: given for name, (given, _) in first.items()} == {name: given for name, (given, _) in again.items()}
    assert sum(given == "a" for given, _ in newcomers.values()) > sum(given == "a" for given, _ in first.values())


def test_a_split_leaves_out_who_is_beyond_its_shares() -> None:
    assert arm("p1", 0, 0)[0] == ""
