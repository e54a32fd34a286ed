"""A journey whose last message has no channel left ends as `no_channel`; one that reached the customer does not."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model.message import SendOutcome
from tests.story import Story

TWO = """
journey: two
start: {event: booked, key: event.booking_id}
steps:
  - send: m1
    via: [email, push]
  - suggest: m3
    placements: web.home
    lasts: 30d
  - wait: 1d
  - send: m2
    via: [email, push]
%s
"""
PLACES = "placements: {web.home: {show: 1}}"
DEAD = SendOutcome("bad_address", "gone")


def run(*agrees: str, denied: str = "", more: str = "", outcomes: Any = None) -> Story:
    story = Story(TWO % more, others=[PLACES], outcomes=outcomes or {})
    story.join("2026-06-01T08:00:00Z", agrees=agrees)
    story.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    if denied:
        profile = {"customer_id": "ana"}
        story.event("2026-06-01T12:00:00Z", "unsubscribed", profile=profile, channel=denied)
    story.until("2026-06-03T12:00:00Z")
    return story


def test_who_never_agreed_is_walked_through_in_silence() -> None:
    story = run()
    seen = "email consent: email for marketing is unknown; push consent: push for marketing is unknown"
    assert story.reasons("ended") == [f"no_channel: m2: {seen}"]
    # what lies on the table stays there, as after any journey that came to its end
    assert [each.action for each in story.ana.suggestions] == ["m3"]


def test_who_withdrew_after_the_first_message_ends_the_same() -> None:
    story = run("email", denied="email")
    assert story.sent == ["m1 by email 2026-06-01T10:00:00Z"]
    assert story.reasons("ended")[0].startswith("no_channel: m2: email consent: email for marketing was denied")


def test_a_bounce_that_leaves_no_channel_is_silence() -> None:
    story = run("email", outcomes={("m2", "email"): DEAD})
    assert story.reasons("ended")[0].startswith("no_channel: m2: email bad_address")


@pytest.mark.parametrize(
    ("agrees", "more"),
    [
        (("email",), ""),
        (("push",), ""),
        # nobody opened it, and no other channel is left: it has reached the customer all the same
        (("email",), "    try_next_after: 3h"),
    ],
)
def test_who_was_reached_last_has_completed(agrees: tuple[str, ...], more: str) -> None:
    assert run(*agrees, more=more).reasons("ended") == ["completed"]


def test_a_stop_and_a_goal_keep_their_own_reason() -> None:
    assert run(more="  - stop: enough").reasons("ended") == ["stop: enough"]
