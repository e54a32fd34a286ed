"""A release takes people along: where they go on, when, and what it does not touch."""

from __future__ import annotations

import pytest

from engine.model.flags import Flags
from tests.story import Story, compiled

OLD = """
journey: stay
start: {event: booked, key: event.booking_id}
goal: cancelled
steps:
  - send: m1
    via: email
  - wait: 2d
  - send: m2
    via: email
"""
NEW = """
journey: stay
start: {event: booked, key: event.booking_id}
goal: [cancelled, order_placed]
steps:
  - send: m1
    via: email
  - wait: 3d
  - wait_for: basket_viewed
    up_to: 5d
    then: [{send: m3, via: email}]
  - send: m4
    via: email
map:
"""


class Released(Story):
    """A story over which a release comes: newer sources, and the older version still known."""

    def release(self, at: str, journey: str, *, flags: Flags | None = None) -> None:
        self.until(at)
        newer, older = compiled(journey).plan, self.compiled.plan
        newer.versions.update(older.versions)
        self.simulator.plan = newer
        self.simulator.operate(flags or self.simulator.flags)

    @property
    def moved(self) -> list[str]:
        return [f"{record.step} {record.reason}" for record in self.records if record.kind == "moved"]


def waiting() -> Released:
    story = Released(OLD)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    return story


def test_who_is_not_mapped_stays_pinned() -> None:
    story = waiting()
    story.release("2026-03-03T09:00:00Z", NEW + "  send:m9: wait:3d\n")
    story.end()
    assert story.moved == []
    assert story.sent == ["m1 by email 2026-03-02T09:00:00Z", "m2 by email 2026-03-04T09:00:00Z"]


def test_a_wait_goes_on_as_the_newer_one_with_the_time_that_was_waited() -> None:
    story = waiting()
    story.release("2026-03-03T09:00:00Z", NEW + "  wait:2d: wait:3d\n")
    assert story.moved == ["wait:3d map: from wait:2d"]
    story.end()
    assert story.sent[1:] == ["m4 by email 2026-03-10T09:00:00Z"]  # three days from the second, then five


def test_a_wait_that_the_newer_one_makes_shorter_is_over_at_once() -> None:
    story = waiting()
    story.release("2026-03-03T09:00:00Z", NEW.replace("3d", "2h") + "  wait:2d: wait:2h\n")
    story.until("2026-03-03T10:00:00Z")
    assert story.ana.enrolments[next(iter(story.ana.enrolments))].step == "wait_for:basket_viewed"


@pytest.mark.parametrize("viewed", [True, False])
def test_what_happened_while_the_older_wait_ran_counts(viewed: bool) -> None:
    story = waiting()
    if viewed:
        story.event("2026-03-02T20:00:00Z", "basket_viewed", basket_id="b1")
    story.release("2026-03-03T09:00:00Z", NEW + "  wait:2d: wait_for:basket_viewed\n")
    story.end()
    later = "2026-03-03T09:00:00Z" if viewed else "2026-03-07T09:00:00Z"
    assert story.sent[1] == (f"m3 by email {later}" if viewed else f"m4 by email {later}")


def test_the_newer_goal_counts_from_the_start() -> None:
    story = waiting()
    story.event("2026-03-02T20:00:00Z", "order_placed", order_id="o1")
    story.release("2026-03-03T09:00:00Z", NEW + "  wait:2d: wait:3d\n")
    assert story.reasons("ended") == ["goal: order_placed (e5, it came before the release)"]


def test_a_message_that_was_held_is_cancelled_and_the_newer_one_takes_its_place() -> None:
    story = Released(OLD)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T22:00:00Z", "booked", booking_id="k1")
    story.release("2026-03-02T23:00:00Z", NEW + "  send:m1: send:m4\n")
    story.end()
    assert story.kinds("cancelled") == ["m1 by email 2026-03-02T23:00:00Z"]
    assert story.sent == ["m4 by email 2026-03-03T07:00:00Z"]


def test_nobody_is_moved_while_a_journey_is_paused() -> None:
    story = waiting()
    story.release("2026-03-03T09:00:00Z", NEW + "  wait:2d: wait:3d\n", flags=Flags(paused=frozenset({"stay"})))
    assert story.moved == []
    story.simulator.operate(Flags())
    assert story.moved == ["wait:3d map: from wait:2d"]


def test_what_only_describes_a_journey_makes_no_new_version() -> None:
    versions = {
        compiled(text).plan.journeys["stay"].version
        for text in (OLD, OLD + "about: x\nowner: y\n", OLD + "map: {wait:9d: wait:2d}\n")
    }
    assert len(versions) == 1
    assert compiled(NEW + "  wait:2d: wait:3d\n").plan.journeys["stay"].version not in versions
