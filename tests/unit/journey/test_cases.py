"""Cases that nobody closes, and suppressions that end at the very instant at which their reason does."""

from __future__ import annotations

import pytest

from engine.define.workspace import compile_sources
from tests.story import QUIET, VOCABULARY, Story, workspace
from tests.unit.journey.hand import NOTE, Hand

SILENT = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 72h after}]\n"
CARE = """
journey: care
purpose: service
start: {event: case_opened, key: event.case_id}
stop_if: customer.open_cases < 1
steps:
  - wait: 60d
"""


def opened(at: str = "2026-03-02T10:00:00Z", *journeys: str, vocabulary: str = VOCABULARY) -> Story:
    story = Story(NOTE, *journeys, policies=SILENT, vocabulary=vocabulary)
    story.join("2026-03-01T10:00:00Z")
    story.event(at, "case_opened", case_id="c1")
    return story


def test_a_case_that_nobody_closes_expires_after_thirty_days_and_somebody_is_told() -> None:
    story = opened("2026-03-02T10:00:00Z", CARE)
    story.until("2026-04-01T09:59:59Z")
    assert story.ana.attributes["open_cases"] == 1
    story.until("2026-04-01T10:00:01Z")
    # then it counts no more, what hangs on it ends in that instant, and it is flagged
    assert story.ana.attributes["open_cases"] == 0
    assert story.kinds("ended") == ["care 2026-04-01T10:00:00Z"]
    assert story.kinds("flagged") == [" 2026-04-01T10:00:00Z"]
    assert story.reasons("flagged") == [
        "case_expired: open_cases: the case 'c1' was opened 2026-03-02T10:00:00Z and not closed by 2026-04-01T10:00:00Z"
    ]


@pytest.mark.parametrize(
    ("booked", "sent"),
    [("2026-04-04T09:59:59Z", []), ("2026-04-04T10:00:00Z", ["m1 by email 2026-04-04T10:00:00Z"])],
)
def test_what_it_suppressed_is_silent_for_its_time_after_the_expiry(booked: str, sent: list[str]) -> None:
    story = opened()
    story.event(booked, "booked", booking_id="k1")
    story.until("2026-04-05T00:00:00Z")
    assert story.sent == sent


def test_it_is_the_last_opening_that_counts() -> None:
    story = opened()
    story.event("2026-03-20T10:00:00Z", "case_opened", case_id="c1")  # reopened before anybody closed it
    story.event("2026-03-21T10:00:00Z", "case_opened", case_id="c2")
    story.event("2026-03-22T10:00:00Z", "case_closed", case_id="c2")
    story.end()
    assert story.kinds("flagged") == [" 2026-04-19T10:00:00Z"]


def test_a_case_that_expired_may_be_closed_and_opened_again() -> None:
    story = opened()
    story.event("2026-04-10T10:00:00Z", "case_closed", case_id="c1")
    assert story.ana.attributes["open_cases"] == 0
    story.event("2026-04-11T10:00:00Z", "case_opened", case_id="c1")
    assert story.ana.attributes["open_cases"] == 1
    story.end()
    assert story.kinds("flagged") == [" 2026-04-01T10:00:00Z", " 2026-05-11T10:00:00Z"]


def test_a_case_that_is_told_after_its_time_is_over_at_once() -> None:
    story = Story(NOTE, policies=SILENT)
    story.join("2026-03-01T10:00:00Z")
    story.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1", received="2026-05-01T10:00:00Z")
    story.event("2026-05-01T10:00:01Z", "booked", booking_id="k1")
    story.until("2026-05-01T10:01:00Z")
    assert (story.ana.attributes["open_cases"], story.sent) == (0, ["m1 by email 2026-05-01T10:00:01Z"])


@pytest.mark.parametrize(("expires", "flagged"), [("12h", [" 2026-03-02T22:00:00Z"]), ("never", [])])
def test_the_vocabulary_says_how_long(expires: str, flagged: list[str]) -> None:
    story = opened(vocabulary=VOCABULARY.replace("by: case_id}", f"by: case_id, expires: {expires}}}"))
    story.end()
    assert story.kinds("flagged") == flagged


def test_only_cases_expire_and_only_after_a_time() -> None:
    found = compile_sources(
        workspace(
            NOTE,
            vocabulary=VOCABULARY.replace("by: case_id}", "by: case_id, expires: soon}").replace(
                "{count: order_placed}", "{count: order_placed, expires: 30d}"
            ),
        )
    ).problems
    assert {problem.code for problem in found} == {"vocabulary"}
    assert [str(problem).partition(": ")[2][:40] for problem in found] == [
        "only a count of open cases expires. Take",
        "'soon' is not a length of time: write fo",
    ]


FADES = QUIET + "  suppress: [{when: order_placed in last 2h, purpose: marketing, lasts: 3h after}]\n"


def suppressed(policies: str = FADES) -> Hand:
    hand = Hand(NOTE, policies=policies)
    hand.event("2026-06-01T08:00:00Z", "order_placed", order_id="o1")
    return hand


def left_at(hand: Hand, at: str) -> bool:
    hand.event(at, "booked", booking_id=at)
    return bool(hand.profile.messages)


def test_a_suppression_that_fades_lasts_from_that_instant_however_late_its_timer_comes() -> None:
    hand = suppressed()
    hand.timers("2026-06-01T10:40:00Z")
    assert not left_at(hand, "2026-06-01T12:59:59Z")
    assert left_at(hand, "2026-06-01T13:00:00Z")


def test_an_event_or_the_gate_that_looks_first_finds_the_same_end() -> None:
    hand = suppressed()
    hand.event("2026-06-01T11:00:00Z", "moved", timezone="Europe/Rome")
    assert not left_at(hand, "2026-06-01T12:59:59Z")
    assert left_at(hand, "2026-06-01T13:00:00Z")
    silent = suppressed()
    assert left_at(silent, "2026-06-01T13:00:00Z")


def test_while_something_else_keeps_it_up_no_earlier_end_is_taken() -> None:
    policies = FADES.replace("order_placed in last 2h", '"order_placed in last 2h or customer.open_cases > 0"')
    hand = suppressed(policies)
    hand.event("2026-06-01T09:00:00Z", "case_opened", case_id="c1")
    hand.timers("2026-06-01T10:00:00Z")
    hand.event("2026-06-01T12:00:00Z", "case_closed", case_id="c1")
    assert not left_at(hand, "2026-06-01T14:59:59Z")
    assert left_at(hand, "2026-06-01T15:00:00Z")
