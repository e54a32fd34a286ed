"""What starts a journey, and how often: again, keys, concurrency, silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.story import Story

STEPS = "steps: [{wait: 1h}]\n"
IDLE = (
    "journey: j\nstart: {event: basket_updated, key: event.basket_id, idle_for: 2h%s}\nstop_if: basket_emptied\n"
    + STEPS
)


def told(journey: str, *booked: tuple[str, str]) -> list[str]:
    """When the journey was started, by bookings (time of 2 March, key)."""
    story = Story(journey)
    for at, key in booked:
        story.event(f"2026-03-{at}Z", "booked", booking_id=key)
    story.end()
    return [text.removeprefix("j 2026-03-").removesuffix("Z") for text in story.kinds("started")]


@pytest.mark.parametrize(
    ("again", "key", "started"),
    [
        # one run at a time per key; at 09:00 the event goes before the timer that ends the run
        ("at once", "", ["02T08:00:00", "02T09:10:00", "03T09:00:00"]),
        ("at once", "key: event.booking_id, ", ["02T08:00:00", "02T08:30:00", "02T09:10:00", "03T09:00:00"]),
        ("never", "key: event.booking_id, ", ["02T08:00:00", "02T08:30:00"]),
        ("never", "", ["02T08:00:00"]),
        # a day after the last exit of that key (09:00), to the millisecond
        ("after 1d", "key: event.booking_id, ", ["02T08:00:00", "02T08:30:00", "03T09:00:00"]),
        # ... of any key: k2 ended at 09:30
        ("after 1d per customer", "key: event.booking_id, ", ["02T08:00:00", "02T08:30:00"]),
    ],
)
def test_again(again: str, key: str, started: list[str]) -> None:
    journey = f"journey: j\nstart: {{event: booked, {key}again: {again}}}\n" + STEPS
    found = told(
        journey,
        ("02T08:00:00", "k1"),
        ("02T08:30:00", "k2"),
        ("02T09:00:00", "k1"),
        ("03T08:59:59", "k1") if again != "at once" else ("02T09:10:00", "k1"),
        ("03T09:00:00", "k1"),
    )
    assert found == started


def test_again_after_a_day_counts_from_the_exit_not_from_the_start() -> None:
    journey = f"journey: j\nstart: {{event: booked, again: after 1d}}\n{STEPS}"
    assert told(journey, ("02T08:00:00", "k"), ("03T08:00:00", "k"), ("03T09:00:00", "k")) == [
        "02T08:00:00",
        "03T09:00:00",
    ]


def test_max_concurrent_bounds_the_runs_of_one_customer() -> None:
    journey = f"journey: j\nstart: {{event: booked, key: event.booking_id, max_concurrent: 2}}\n{STEPS}"
    found = told(journey, *((f"02T08:0{minute}:00", f"k{minute}") for minute in range(3)), ("02T09:00:01", "k4"))
    assert found == ["02T08:00:00", "02T08:01:00", "02T09:00:01"]


def test_without_its_key_an_event_starts_nothing() -> None:
    story = Story(f"journey: j\nstart: {{event: booked, key: event.booking_id}}\n{STEPS}")
    story.event("2026-03-02T08:00:00Z", "booked")
    assert story.kinds("started") == []


def test_only_if_looks_back_past_the_event_that_starts() -> None:
    journey = f"journey: j\nstart: {{event: booked, only_if: [no booked in last 1d]}}\n{STEPS}"
    assert told(journey, ("02T08:00:00", "k"), ("02T10:00:00", "k"), ("03T10:00:00", "k")) == [
        "02T08:00:00",
        "03T10:00:00",
    ]


def test_silence_begins_anew_with_every_event_and_only_for_its_key() -> None:
    story = Story(IDLE % "")
    for at, basket in (("08:00", "b1"), ("08:30", "b2"), ("09:00", "b1"), ("10:59", "b1")):
        story.event(f"2026-03-02T{at}:00Z", "basket_updated", basket_id=basket, total=1)
    story.end()
    assert story.kinds("started") == ["j 2026-03-02T10:30:00Z", "j 2026-03-02T12:59:00Z"]


def test_only_if_is_asked_when_the_silence_ends_with_the_last_event() -> None:
    story = Story(IDLE % ", only_if: [event.total >= 50, customer.tier is gold]")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=10)
    story.event("2026-03-02T08:10:00Z", "basket_updated", basket_id="b1", total=60)
    story.event("2026-03-02T10:00:00Z", "tier_changed", tier="gold", version=1)
    story.end()
    assert story.kinds("started") == ["j 2026-03-02T10:10:00Z"]


def test_what_stops_the_journey_cancels_the_silence() -> None:
    story = Story(IDLE % "")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=10)
    story.event("2026-03-02T09:00:00Z", "basket_emptied", basket_id="b1")
    story.end()
    assert story.kinds("started") == []


def test_what_happened_before_the_silence_does_not_cancel_it() -> None:
    story = Story(IDLE % "")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=10)
    story.event("2026-03-02T07:59:00Z", "basket_emptied", received="2026-03-02T08:30:00Z", basket_id="b1")
    story.end()
    assert story.kinds("started") == ["j 2026-03-02T10:00:00Z"]


def test_a_silence_that_was_over_before_its_event_arrived_ends_at_once() -> None:
    story = Story(IDLE % "")
    story.event("2026-03-02T08:00:00Z", "basket_updated", received="2026-03-02T13:00:00Z", basket_id="b1", total=1)
    story.until("2026-03-02T13:00:00Z")
    assert story.kinds("started") == ["j 2026-03-02T13:00:00Z"]


def test_while_a_run_goes_on_a_new_silence_starts_no_second_one() -> None:
    story = Story((IDLE % "").replace("1h", "5h"))
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=1)
    story.event("2026-03-02T11:00:00Z", "basket_updated", basket_id="b1", total=2)
    story.end()
    assert story.kinds("started") == ["j 2026-03-02T10:00:00Z"]


def test_collected_before_ready_opens_and_closes_without_a_message() -> None:
    # out of order: what ends the journey happened after its start, and came before it
    journey = """
journey: j
start: {event: booked, key: event.booking_id}
stop_if: cancelled where booking_id is start.booking_id
steps:
  - send: m1
    via: email
"""
    story = Story(journey)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T10:00:00Z", "cancelled", booking_id="k1")
    story.event("2026-03-02T09:59:00Z", "booked", received="2026-03-02T10:00:01Z", booking_id="k1")
    story.event("2026-03-02T09:59:00Z", "booked", received="2026-03-02T10:00:02Z", booking_id="k2")
    story.end()
    assert story.kinds("started") == ["j 2026-03-02T10:00:01Z", "j 2026-03-02T10:00:02Z"]
    assert story.sent == ["m1 by email 2026-03-02T10:00:02Z"]
    assert story.reasons("ended")[0].startswith("stop_if: cancelled where booking_id is start.booking_id (e4")


def test_an_event_that_is_both_start_and_goal_does_not_end_what_it_starts() -> None:
    journey = f"journey: j\nstart: {{event: booked}}\ngoal: booked\n{STEPS}"
    assert told(journey, ("02T08:00:00", "k")) == ["02T08:00:00"]
    story = Story(journey)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T08:30:00Z", "booked", booking_id="k2")
    assert [reason.partition(":")[0] for reason in story.reasons("ended")] == ["goal"]


SILENCE = """
journey: silence
start: {event: basket_updated, key: event.basket_id, idle_for: 2h}
goal: order_placed
stop_if: basket_emptied where basket_id is start.basket_id
steps:
  - wait: 1h
"""


@pytest.mark.parametrize(("ends", "rule"), [("order_placed", "goal"), ("basket_emptied", "stop_if")])
def test_a_cancelled_silence_is_over_for_good_and_a_later_event_begins_a_new_one(ends: str, rule: str) -> None:
    story = Story(SILENCE)
    story.event("2026-03-02T10:00:00Z", "basket_updated", basket_id="b1", total=45)
    given: dict[str, Any] = {"basket_id": "b1"} if ends == "basket_emptied" else {}
    story.event("2026-03-02T11:00:00Z", ends, **given)
    assert story.ana.idles == {}
    # news from before the end that come last begin a run that is over in that instant
    story.event("2026-03-02T10:30:00Z", "basket_updated", received="2026-03-02T11:30:00Z", basket_id="b1", total=50)
    story.until("2026-03-02T14:00:00Z")
    assert story.kinds("started") == story.kinds("ended") == ["silence 2026-03-02T12:30:00Z"]
    assert story.reasons("ended")[0].startswith(rule)
    story.event("2026-03-02T15:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.kinds("started")[1:] == ["silence 2026-03-02T17:00:00Z"]
    assert story.reasons("ended")[1:] == ["completed"]
