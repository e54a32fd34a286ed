"""What starts a journey besides an event: segments, schedules, requests; and what time alone changes."""

from __future__ import annotations

from engine.define.workspace import compile_sources
from tests.story import QUIET, VOCABULARY, Story, workspace

SEGMENTS = """
segments:
  regular: order_placed at least 2 times in last 30d
  vip: {about: Regular and gold., when: [segment regular, customer.tier is gold]}
"""
NO_QUIET = "policies:\n  timezone: Europe/Paris\n  purposes: {marketing: {}, service: {transactional: true}}\n"


def _story(*journeys: str, policies: str = NO_QUIET, vocabulary: str = VOCABULARY) -> Story:
    story = Story(*journeys, policies=policies, vocabulary=vocabulary, others=(SEGMENTS,))
    story.join("2026-03-01T09:00:00Z")
    return story


ENTERS = "journey: hello\nstart: {enters: regular}\nsteps: [{send: m1, via: email}]\n"
LEAVES = "journey: bye\nstart: {leaves: regular}\nsteps: [{send: m2, via: email}]\n"


def test_entering_a_segment_starts_a_journey_at_once() -> None:
    story = _story(ENTERS)
    story.event("2026-03-02T10:00:00Z", "order_placed")
    story.event("2026-03-03T10:00:00Z", "order_placed")
    assert story.sent == ["m1 by email 2026-03-03T10:00:00Z"]
    assert story.reasons("entered") == ["segment regular: order_placed happened 2 times in last 30d"]


def test_a_segment_is_left_by_time_alone_and_that_starts_a_journey() -> None:
    story = _story(LEAVES)
    story.event("2026-03-02T10:00:00Z", "order_placed")
    story.event("2026-03-03T10:00:00Z", "order_placed")
    story.end()
    # 30 days of 24 h after the older of the two
    assert story.sent == ["m2 by email 2026-04-01T10:00:00Z"]
    assert story.ana.segments == {}


def test_a_segment_builds_on_another_in_the_same_instant() -> None:
    story = _story("journey: hello\nstart: {enters: vip}\nsteps: [{send: m1, via: email}]\n")
    story.event("2026-03-02T10:00:00Z", "tier_changed", tier="gold", version=1)
    story.event("2026-03-02T10:00:00Z", "order_placed")
    story.event("2026-03-03T10:00:00Z", "order_placed")
    assert story.sent == ["m1 by email 2026-03-03T10:00:00Z"]


def test_segments_that_build_on_each_other_are_a_problem() -> None:
    circle = "segments:\n  a: not segment b\n  b: segment a\n"
    found = compile_sources(workspace(ENTERS.replace("regular", "a")) | {"journeys/s.yaml": circle}).problems
    assert [problem.message for problem in found] == ["the segment 'a' builds on itself."]


def test_a_schedule_starts_its_audience_on_the_workspace_clock() -> None:
    story = _story(
        "journey: weekly\nstart: {schedule: 'Monday 10:00', audience: [customer.orders >= 1]}\n"
        "steps: [{send: m1, via: email}]\n"
    )
    story.event("2026-03-01T10:00:00Z", "order_placed")  # a Sunday
    story.until("2026-03-17T00:00:00Z")
    assert story.sent == [f"m1 by email 2026-03-{day}T09:00:00Z" for day in ("02", "09", "16")]


def test_nobody_outside_the_audience_is_started() -> None:
    story = _story(
        "journey: weekly\nstart: {schedule: 'Monday 10:00', audience: [customer.orders >= 1]}\n"
        "steps: [{send: m1, via: email}]\n"
    )
    story.until("2026-03-17T00:00:00Z")
    assert story.kinds("started") == []


def test_a_local_schedule_follows_the_customers_clock_and_keeps_the_wall_time() -> None:
    story = _story(
        "journey: daily\nstart: {schedule: '09:00', local: true, audience: [customer.tier is unknown]}\n"
        "steps: [{send: m1, via: email}]\n"
    )
    story.event("2026-03-07T20:00:00Z", "moved", timezone="America/New_York")  # DST begins there on the 8th
    story.until("2026-03-09T20:00:00Z")
    assert story.sent[-2:] == ["m1 by email 2026-03-08T13:00:00Z", "m1 by email 2026-03-09T13:00:00Z"]


BIRTHDAY = """
journey: birthday
start: {schedule: '09:00', audience: [anniversary of customer.birthday]}
steps: [{send: m1, via: email}]
"""
BORN = VOCABULARY.replace("  objects:", "    birthday: {type: date, from: born.day}\n  objects:").replace(
    "    joined:", "    born: {properties: {day: date}}\n    joined:"
)


def test_a_birthday_comes_once_a_year_and_on_the_28th_without_a_29th() -> None:
    story = _story(BIRTHDAY, vocabulary=BORN)
    story.event("2026-03-01T10:00:00Z", "born", day="1992-02-29")
    story.until("2028-12-31T00:00:00Z")
    assert [each[-20:-10] for each in story.sent] == ["2027-02-28", "2028-02-29"]


def test_a_birthday_of_an_unknown_year_and_an_unknown_birthday() -> None:
    story = _story(BIRTHDAY, vocabulary=BORN)
    story.until("2026-04-30T00:00:00Z")
    assert story.sent == []
    story.event("2026-05-01T10:00:00Z", "born", day="--05-14")
    story.until("2026-05-31T00:00:00Z")
    assert [each[-20:-10] for each in story.sent] == ["2026-05-14"]


def test_a_request_starts_a_journey_with_its_own_properties() -> None:
    story = _story(
        "journey: call_back\npurpose: service\nstart: {request: {reason: text}, key: event.reason}\n"
        "steps: [{if: start.reason is invoice, then: [{send: m1, via: email}]}]\n"
    )
    story.event("2026-03-02T10:00:00Z", "start:call_back", reason="invoice")
    story.event("2026-03-02T11:00:00Z", "start:call_back", reason="other")
    assert story.sent == ["m1 by email 2026-03-02T10:00:00Z"]


def test_a_schedule_without_an_audience_and_two_ways_to_start_are_problems() -> None:
    journey = "journey: x\nstart: {schedule: 'Mundy 10:00', event: booked}\nsteps: [{wait: 1h}]\n"
    found = [str(problem) for problem in compile_sources(workspace(journey, policies=QUIET)).problems]
    assert found == [
        "journeys/x.yaml:2:1: a journey starts in one way, 'event' and 'schedule' stands here. "
        "Write one of: event, enters, leaves, schedule, request.",
        "journeys/x.yaml:2:19: 'Mundy 10:00' is no moment. Did you mean 'Monday 10:00'?",
        "journeys/x.yaml:2:19: a schedule needs an 'audience'. Say who, or 'audience: [customer.orders >= 0]' for all.",
    ]
