"""Waiting: what satisfies a wait, what is too early, too late or somebody else's."""

from __future__ import annotations

import pytest

from tests.story import Story

WAITING = """
journey: j
start: {event: booked, key: event.booking_id}
steps:
  - wait: 1h
  - wait_for: %s
    up_to: 2h
    then: [{stop: came}]
    on_timeout: [{stop: gave up}]
"""
# booked at 08:00, so the wait lasts from 09:00 to 11:00
ORDER = "order_placed"
BY_ORDER = "order_placed\n    where: order_id is start.booking_id"
SINCE_START = "order_placed\n    since: start"


def ended(awaited: str, *events: tuple[str, str]) -> str:
    """'why when' of the run's end; events are (happened, arrived) on 2 March."""
    story = Story(WAITING % awaited)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    for at, received in events:
        story.event(f"2026-03-02T{at}Z", "order_placed", received=f"2026-03-02T{received}Z", order_id="o1")
    story.end()
    (when,) = story.kinds("ended")
    return f"{story.reasons('ended')[0].removeprefix('stop: ')} {when.removeprefix('j 2026-03-02T')}"


@pytest.mark.parametrize(
    ("awaited", "at", "received", "end"),
    [
        # within the wait
        (ORDER, "10:00:00", "10:00:00", "came 10:00:00Z"),
        # the instant it begins: the event goes before the timer that brings the customer here, so it is early
        (ORDER, "09:00:00", "09:00:00", "gave up 11:00:00Z"),
        (ORDER, "09:00:00", "09:00:01", "came 09:00:01Z"),
        # before the step, though it arrives during it
        (ORDER, "08:59:59", "09:30:00", "gave up 11:00:00Z"),
        # the deadline itself counts, and the event goes before the timer
        (ORDER, "11:00:00", "11:00:00", "came 11:00:00Z"),
        # after the deadline although a fast clock lets it arrive before it
        (ORDER, "11:00:01", "10:59:00", "gave up 11:00:00Z"),
        # happened in time, came too late
        (ORDER, "10:59:00", "11:00:01", "gave up 11:00:00Z"),
        # somebody else's
        (BY_ORDER, "10:00:00", "10:00:00", "gave up 11:00:00Z"),
        (BY_ORDER.replace("is start.booking_id", "is o1"), "10:00:00", "10:00:00", "came 10:00:00Z"),
        # since the start of the journey: looked up when the step begins, and from then on
        (SINCE_START, "08:30:00", "08:30:00", "came 09:00:00Z"),
        (SINCE_START, "07:59:59", "08:30:00", "gave up 11:00:00Z"),
        (SINCE_START, "08:00:00", "08:30:00", "came 09:00:00Z"),
        (SINCE_START, "08:30:00", "09:30:00", "came 09:30:00Z"),
        (SINCE_START + "\n    where: order_id is o2", "08:30:00", "08:30:00", "gave up 11:00:00Z"),
    ],
)
def test_what_satisfies_a_wait(awaited: str, at: str, received: str, end: str) -> None:
    assert ended(awaited, (at, received)) == end


def test_another_event_satisfies_nothing() -> None:
    assert ended(ORDER.replace("order_placed", "basket_viewed"), ("10:00:00", "10:00:00")) == "gave up 11:00:00Z"


def test_the_event_that_started_the_journey_does_not_satisfy_its_waits() -> None:
    story = Story((WAITING % "booked\n    since: start").replace(", key: event.booking_id", ""))
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.until("2026-03-02T09:30:00Z")
    assert story.kinds("ended") == []
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    assert story.reasons("ended") == ["stop: came"]


def test_an_event_that_comes_too_late_satisfies_no_wait() -> None:
    story = Story((WAITING % ORDER).replace("up_to: 2h", "up_to: 5d"))
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T10:00:00Z", "order_placed", received="2026-03-04T10:00:00.001Z", order_id="o1")
    assert story.kinds("ended") == []
    story.event("2026-03-02T10:00:00Z", "order_placed", received="2026-03-04T10:00:00.001Z", order_id="o1")
    story.event("2026-03-02T11:00:00Z", "order_placed", received="2026-03-04T11:00:00Z", order_id="o1")
    assert story.kinds("ended") == ["j 2026-03-04T11:00:00Z"]  # exactly as late as may be


def test_what_was_waited_for_is_the_event_from_then_on() -> None:
    journey = WAITING.replace(
        "{stop: came}", "{if: event.total > 50, then: [{stop: much}], otherwise: [{stop: little}]}"
    )
    story = Story(journey % ORDER)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T10:00:00Z", "order_placed", order_id="o1", total=60)
    assert story.reasons("ended") == ["stop: much"]


def test_while_a_message_is_on_its_way_no_event_moves_the_journey() -> None:
    journey = """
journey: j
start: {event: booked}
steps:
  - send: m1
    via: email
  - wait_for: order_placed
    up_to: 2h
    then: [{stop: came}]
    on_timeout: [{stop: gave up}]
"""
    story = Story(journey)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T20:30:00Z", "booked", booking_id="k1")  # 21:30 local: held until 08:00
    story.event("2026-03-02T22:00:00Z", "order_placed", order_id="o1")
    story.end()
    assert story.kinds("ended") == ["j 2026-03-03T09:00:00Z"]
    assert story.reasons("ended") == ["stop: gave up"]


def test_days_keep_the_wall_time_over_a_clock_change_and_hours_do_not() -> None:
    for span, end in (("1d", "2026-03-29T07:00:00Z"), ("24h", "2026-03-29T08:00:00Z")):
        story = Story(f"journey: j\nstart: {{event: booked}}\nsteps: [{{wait: {span}}}]\n")
        story.event("2026-03-28T08:00:00Z", "booked", booking_id="k1")
        story.end()
        assert story.kinds("ended") == [f"j {end}"]


def test_a_condition_on_the_customer_ends_the_journey_in_the_middle_of_a_wait() -> None:
    journey = "journey: j\nstart: {event: booked}\nstop_if: customer.tier is gold\nsteps: [{wait: 2h}, {wait: 2h}]\n"
    story = Story(journey)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T09:00:00Z", "tier_changed", tier="silver", version=1)
    assert story.kinds("ended") == []
    story.event("2026-03-02T09:30:00Z", "tier_changed", tier="gold", version=2)
    assert story.kinds("ended") == ["j 2026-03-02T09:30:00Z"]
    assert story.reasons("ended")[0].startswith("stop_if: customer.tier is gold: ")


def test_a_condition_that_comes_true_by_time_alone_ends_the_journey_at_that_instant() -> None:
    journey = "journey: j\nstart: {event: booked}\nstop_if: no booked in last 1h\nsteps: [{wait: 2h}, {wait: 2h}]\n"
    story = Story(journey)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.end()
    assert story.kinds("ended") == ["j 2026-03-02T09:00:00Z"]


def test_a_goal_reached_before_the_start_does_not_count() -> None:
    story = Story("journey: j\nstart: {event: booked}\ngoal: order_placed where total > 10\nsteps: [{wait: 2h}]\n")
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T07:59:59Z", "order_placed", received="2026-03-02T08:10:00Z", total=20)
    story.event("2026-03-02T08:20:00Z", "order_placed", total=5)
    assert story.kinds("ended") == []
    story.event("2026-03-02T08:00:00Z", "order_placed", received="2026-03-02T08:30:00Z", total=20)
    assert story.reasons("ended") == ["goal: order_placed where total > 10 (e4)"]
