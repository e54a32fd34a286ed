"""One intent, one channel after the other: `try_next_after`, bounces, and what calls the next one off."""

from __future__ import annotations

import pytest

from engine.model.message import SendOutcome
from tests.story import QUIET, Story

SEND = """
journey: j
start: {event: booked}
goal: order_placed
steps:
  - send: m1
    via: [push, email]
    try_next_after: 3h%s
  - wait: 5d
"""
SUPPRESS = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing}]\n"
NOON = "2026-03-02T11:00:00Z"
FIRST, NEXT = "m1 by push 2026-03-02T11:00:00Z", "m1 by email 2026-03-02T14:00:00Z"


def pushed(more: str = "", **options: object) -> Story:
    story = Story(SEND % more, **options)
    story.join("2026-03-01T09:00:00Z")
    story.event(NOON, "booked", booking_id="k1")
    return story


def test_what_nobody_opened_goes_by_the_next_channel_while_the_journey_goes_on() -> None:
    story = pushed()
    assert [run.step for run in story.ana.enrolments.values()] == ["wait:5d"]
    story.end()
    assert story.sent == [FIRST, NEXT]
    assert story.kinds("ended") == ["j 2026-03-07T11:00:00Z"]


def test_both_count_in_the_caps() -> None:
    story = pushed(policies=QUIET + "  caps: [{limit: 1 per 24h, purpose: marketing}]\n")
    story.end()
    assert story.sent == [FIRST]
    assert story.kinds("refused") == ["m1 by email 2026-03-02T14:00:00Z"]


@pytest.mark.parametrize("name", ["opened", "clicked", "order_placed", "basket_viewed"])
def test_what_calls_the_next_channel_off(name: str) -> None:
    story = pushed("\n    unless: basket_viewed")
    message = next(iter(story.ana.messages))
    more = {"message": message} if name in ("opened", "clicked") else {}
    story.event("2026-03-02T13:59:59Z", name, channel="push", profile=None, **more)
    story.end()
    assert story.sent == [FIRST]


def test_another_message_that_is_opened_calls_nothing_off() -> None:
    story = pushed()
    story.event("2026-03-02T13:00:00Z", "opened", message="m00another")
    story.end()
    assert story.sent == [FIRST, NEXT]


def test_a_hard_bounce_goes_on_by_the_next_channel_at_once() -> None:
    story = pushed()
    message = next(iter(story.ana.messages))
    story.event("2026-03-02T12:00:00Z", "bounced", channel="push", kind="soft", message=message)
    assert story.sent == [FIRST]
    story.event("2026-03-02T12:00:00Z", "bounced", channel="push", kind="hard", message=message, address="t1")
    story.end()
    assert story.sent == [FIRST, "m1 by email 2026-03-02T12:00:00Z"]


def test_the_next_channel_has_retries_of_its_own() -> None:
    story = Story(SEND % "", outcomes={("m1", "push"): SendOutcome("retry", "503")})
    story.join("2026-03-01T09:00:00Z")
    story.event(NOON, "booked", booking_id="k1")
    story.until("2026-03-02T11:00:30Z")  # after three attempts the provider is back
    story.outcomes[("m1", "push")] = SendOutcome("accepted")
    story.outcomes[("m1", "email")] = SendOutcome("retry", "503")
    story.until("2026-03-02T14:04:00Z")  # it left at about 11:01:40
    tried = [outgoing.channel for outgoing in story.outgoing]
    assert tried.count("email") >= 5


def test_the_next_channel_has_a_time_to_live_of_its_own() -> None:
    # three days of silence are longer than the 48 h that the first channel had
    story = Story((SEND % "").replace("3h", "3d"))
    story.join("2026-03-01T09:00:00Z")
    story.event(NOON, "booked", booking_id="k1")
    story.end()
    assert story.sent == [FIRST, "m1 by email 2026-03-05T11:00:00Z"]


def test_a_complaint_after_a_message_has_left_does_not_make_it_refused() -> None:
    story = pushed(policies=SUPPRESS)
    story.event("2026-03-02T12:00:00Z", "case_opened", case_id="c1")
    assert story.kinds("refused") == []
    story.end()
    # what would have gone by the next channel is refused when its time comes, and says which channel
    assert story.sent == [FIRST]
    assert story.kinds("refused") == ["m1 by email 2026-03-02T14:00:00Z"]


def test_a_journey_that_is_done_waits_for_the_fallback_of_its_last_message() -> None:
    story = Story((SEND % "").replace("  - wait: 5d\n", ""))
    story.join("2026-03-01T09:00:00Z")
    story.event(NOON, "booked", booking_id="k1")
    assert story.kinds("ended") == []
    story.end()
    assert story.sent == [FIRST, NEXT]
    assert story.kinds("ended") == ["j 2026-03-02T14:00:00Z"]


def test_opened_at_the_last_step_ends_the_journey() -> None:
    story = Story((SEND % "").replace("  - wait: 5d\n", ""))
    story.join("2026-03-01T09:00:00Z")
    story.event(NOON, "booked", booking_id="k1")
    story.event("2026-03-02T12:00:00Z", "opened", message=next(iter(story.ana.messages)))
    assert story.kinds("ended") == ["j 2026-03-02T12:00:00Z"]
