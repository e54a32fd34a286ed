"""Instants and dates at the ends of the calendar are answered, never a fault."""

from __future__ import annotations

import pytest

from engine.define.events import read_event
from engine.model.errors import BadEvent
from tests.story import VOCABULARY, Story, compiled

FAR = VOCABULARY.replace("    joined:", "    valid: {properties: {until: instant, day: date}}\n    joined:")
BY_INSTANT = """
journey: a
purpose: service
start: {event: valid}
steps:
  - wait_until: %s
    if_past: now
  - send: m1
    via: email
"""
OTHER = "journey: b\npurpose: service\nstart: {event: valid}\nsteps: [{send: m2, via: email}]\n"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_event_at_the_end_of_the_calendar_is_refused_with_a_sentence(at: str) -> None:
    raw = {"id": "1", "event": "joined", "profile": {"customer_id": "ana"}, "at": at}
    with pytest.raises(BadEvent, match="is no instant: write"):
        read_event(compiled(OTHER, vocabulary=FAR).plan.vocabulary, raw, None)


@pytest.mark.parametrize(
    "moment", ["event.until + 1d", "event.until - 1d at 18:00", "event.until + 100y", "event.day + 1d"]
)
@pytest.mark.parametrize(
    ("until", "day", "sent"),
    [
        # it never comes; the other journey is not disturbed
        ("9999-12-31T23:00:00Z", "9999-12-31", ["m2"]),
        # it is long past
        ("0001-01-01T00:00:00Z", "0001-01-01", ["m1", "m2"]),
    ],
)
def test_a_moment_at_the_end_of_the_calendar_never_comes_or_has_passed(
    moment: str, until: str, day: str, sent: list[str]
) -> None:
    story = Story(BY_INSTANT % moment, OTHER, vocabulary=FAR)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T09:00:00Z", "valid", until=until, day=day)
    story.until("2026-04-02T09:00:00Z")
    assert story.reasons("set_aside") == []
    assert sorted(each.split(" ")[0] for each in story.sent) == sent
