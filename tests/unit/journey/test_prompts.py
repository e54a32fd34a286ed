"""A prompt that a store shows is taken back when what it is for has happened; one that was answered is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.story import QUIET, Story
from tests.unit.journey.hand import Hand

PROMPT = """
journey: prompt
start: {event: booked, key: event.booking_id}
goal: order_placed
stop_if: cancelled where booking_id is start.booking_id
steps:
  - send: m1
    via: store
    time_to_live: 45m
%s
"""


def shown(more: str = "") -> Story:
    story = Story(PROMPT % more)
    story.join("2026-06-01T08:00:00Z", home_store="lyon")
    story.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    return story


@pytest.mark.parametrize("more", ["", "  - wait: 2h"])
@pytest.mark.parametrize(("name", "rule"), [("order_placed", "goal"), ("cancelled", "stop_if")])
def test_what_ends_the_journey_withdraws_its_prompt_also_when_it_has_gone_through(
    more: str, name: str, rule: str
) -> None:
    story = shown(more)
    properties: dict[str, Any] = {"booking_id": "k1"} if name == "cancelled" else {"order_id": "o1"}
    story.event("2026-06-01T10:44:00Z", name, **properties)
    (record,) = [record for record in story.records if record.kind == "withdrawn"]
    assert (record.message, record.channel, record.extra, record.key) == ("m1", "store", {"store": "lyon"}, "k1")
    assert record.id == story.outgoing[0].message_id
    assert record.reason.startswith(rule)
    story.event("2026-06-01T10:44:30Z", "order_placed", order_id="o2")
    assert len(story.kinds("withdrawn")) == 1
    assert story.ana.prompts == []


@pytest.mark.parametrize(
    ("at", "name", "properties"),
    [
        ("2026-06-01T10:45:00Z", "order_placed", {"order_id": "o1"}),  # it is over
        ("2026-06-01T10:30:00Z", "cancelled", {"booking_id": "k2"}),  # another run's
        ("2026-06-01T10:30:00Z", "basket_viewed", {"basket_id": "b1"}),
    ],
)
def test_what_is_over_or_not_meant_is_not_withdrawn(at: str, name: str, properties: dict[str, Any]) -> None:
    story = shown()
    story.event(at, name, **properties)
    assert story.kinds("withdrawn") == []


@pytest.mark.parametrize(("by", "withdrawn"), [("id", 0), ("name", 0), ("other", 1)])
def test_a_prompt_that_was_answered_is_left_alone(by: str, withdrawn: int) -> None:
    story = shown()
    about = {"id": story.outgoing[0].message_id, "name": "m1", "other": "m2"}[by]
    story.event("2026-06-01T10:10:00Z", "prompt_answered", message=about, outcome="accepted")
    story.event("2026-06-01T10:20:00Z", "order_placed", order_id="o1")
    assert len(story.kinds("withdrawn")) == withdrawn


def test_an_order_from_before_the_start_withdraws_nothing() -> None:
    story = shown()
    story.event("2026-06-01T09:59:00Z", "order_placed", received="2026-06-01T10:05:00Z", order_id="o1")
    assert story.kinds("withdrawn") == []


def test_a_prompt_that_the_store_takes_after_the_end_is_withdrawn_at_once() -> None:
    hand = Hand(PROMPT % "")
    hand.event("2026-06-01T09:00:00Z", "joined", home_store="lyon")
    hand.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    hand.leave("2026-06-01T10:00:00Z")
    hand.event("2026-06-01T10:00:01Z", "order_placed", order_id="o1")
    hand.settle("2026-06-01T10:00:02Z")
    assert [record.kind for record in hand.records][-2:] == ["withdrawn", "sent"]


SILENCE = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: PURPOSE}]\n"


@pytest.mark.parametrize(("purpose", "withdrawn"), [("marketing", 1), ("service", 0)])
def test_what_silences_its_purpose_takes_it_back(purpose: str, withdrawn: int) -> None:
    # given a prompt for marketing that a store shows
    story = Story(PROMPT % "", policies=SILENCE.replace("PURPOSE", purpose))
    story.join("2026-06-01T08:00:00Z", home_store="lyon")
    story.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    # when the customer complains
    story.event("2026-06-01T10:10:00Z", "case_opened", case_id="c1")
    assert len(story.kinds("withdrawn")) == withdrawn
    assert len(story.ana.prompts) == 1 - withdrawn


@pytest.mark.parametrize(("outcome", "counts"), [("accepted", 1), ("declined", 1), ("not_relevant", 0), ("no_time", 0)])
def test_a_prompt_that_nobody_spoke_of_does_not_count_in_caps(outcome: str, counts: int) -> None:
    story = shown()
    assert len(story.ana.ledger) == 1
    answer: dict[str, Any] = {"prompt": story.outgoing[0].message_id, "message": "m1", "outcome": outcome}
    story.event("2026-06-01T10:10:00Z", "prompt_answered", **answer)
    assert len(story.ana.ledger) == counts


def test_a_journey_waits_for_the_answer_to_its_own_prompt() -> None:
    story = shown("  - {wait_for: prompt_answered, up_to: 1h, then: [{stop: answered}]}")
    other: dict[str, Any] = {"prompt": "m00other", "message": "m1", "outcome": "accepted"}
    story.event("2026-06-01T10:10:00Z", "prompt_answered", **other)
    assert story.kinds("ended") == []
    story.event("2026-06-01T10:11:00Z", "prompt_answered", **{**other, "prompt": story.outgoing[0].message_id})
    assert len(story.kinds("ended")) == 1
