"""Enrolments on the move: runaways, lost steps, what is forgotten of those that ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.journey.core import handle_event, handle_timers
from engine.journey.runs import FORGET_ENDED, MANY_ENDED
from engine.journey.starts import start_by_event
from engine.journey.steps import BY_NAME
from engine.journey.steps.if_ import Fork
from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.plan import Plan, Step
from engine.model.problem import NOWHERE
from engine.model.profile import Ended, Profile
from engine.model.span import DAY, HOUR, Span
from tests.story import compiled

SHORT = """
journey: short
start: {event: booked, key: event.booking_id}
steps:
  - wait: 1h
"""
BOOKED = Event(id="b1", name="booked", profile={}, at=0, received=0, properties={"booking_id": "k1"})


def with_steps(plan: Plan, steps: dict[str, Step], first: str) -> Plan:
    """The plan with its only journey made of other steps."""
    journey = replace(plan.journeys["short"], steps=steps, first=first)
    return replace(
        plan,
        journeys={"short": journey},
        versions={("short", journey.version): journey},
        starts={"booked": (journey,)},
    )


def ifs(count: int, last: str = "") -> dict[str, Step]:
    """So many `if` steps in a row, and then `last`."""
    names = [f"if:{number}" for number in range(count)]
    following = [*names[1:], last]
    return {
        name: Step(name, BY_NAME["if"], Fork((), then=after, otherwise=after), after, NOWHERE)
        for name, after in zip(names, following, strict=True)
    }


@pytest.mark.parametrize(("steps", "reason"), [(999, "completed"), (1_000, "completed"), (1_001, "runaway")])
def test_more_than_a_thousand_steps_without_a_wait_is_a_runaway(steps: int, reason: str) -> None:
    plan = with_steps(compiled(SHORT).plan, ifs(steps), "if:0")
    walk = handle_event(plan, Profile(id="c", label="c"), BOOKED, 0)
    assert walk.profile.ended["short|k1"].reason == reason


def test_a_wait_as_the_thousandth_step_stands_still() -> None:
    wait = Step("wait", BY_NAME["wait"], Span(ms=HOUR), "", NOWHERE)
    plan = with_steps(compiled(SHORT).plan, {**ifs(999, "wait"), "wait": wait}, "if:0")
    walk = handle_event(plan, Profile(id="c", label="c"), BOOKED, 0)
    assert [run.due for run in walk.profile.enrolments.values()] == [HOUR]


def begun() -> tuple[Plan, Profile]:
    plan = compiled(SHORT).plan
    return plan, handle_event(plan, Profile(id="c", label="c"), BOOKED, 0).profile


def test_a_step_that_no_known_version_has_ends_the_run() -> None:
    plan, profile = begun()
    other = with_steps(plan, ifs(1), "if:0")
    walk = handle_timers(other, profile, HOUR)
    assert walk.records[-1].reason == "lost_step: 'wait:1h' is in no version that is still known"
    assert walk.profile.enrolments == {}


def test_a_step_that_leads_into_nothing_ends_the_run() -> None:
    plan = with_steps(compiled(SHORT).plan, ifs(1, "gone"), "if:0")
    walk = handle_event(plan, Profile(id="c", label="c"), BOOKED, 0)
    assert walk.records[-1].reason == "lost_step: 'gone' is in no version that is still known"


def test_a_journey_that_was_taken_away_is_harmless_until_it_moves() -> None:
    plan, profile = begun()
    empty = replace(plan, journeys={}, versions={}, starts={})
    viewed = Event(id="v", name="basket_viewed", profile={}, at=1, received=1)
    profile = handle_event(empty, profile, viewed, 1).profile
    assert len(profile.enrolments) == 1
    walk = handle_timers(empty, profile, HOUR)
    assert walk.records[-1].reason.startswith("lost_step")


def test_a_run_keeps_to_the_version_it_entered() -> None:
    plan, profile = begun()
    newer = replace(plan.journeys["short"], version="newer", steps=ifs(1), first="if:0")
    grown = replace(plan, journeys={"short": newer}, versions={**plan.versions, ("short", "newer"): newer})
    walk = handle_timers(grown, profile, HOUR)
    assert walk.records[-1].reason == "completed"


def test_ended_runs_that_nothing_asks_about_are_forgotten_and_never_is_not() -> None:
    plan, profile = begun()
    old = Ended(at=0, entries=1, reason="completed")
    profile.ended = {f"short|{number}": old for number in range(MANY_ENDED)}
    profile.ended["gone|x"] = old  # a journey that is not there now: its `again` is not known
    late = FORGET_ENDED + DAY
    walk = handle_timers(plan, profile, late)
    assert sorted(walk.profile.ended) == ["gone|x", "short|k1"]

    never = replace(plan.journeys["short"], again=replace(plan.journeys["short"].again, after=None))
    plan, profile = begun()
    profile.ended = {f"short|{number}": old for number in range(MANY_ENDED)}
    walk = handle_timers(replace(plan, journeys={"short": never}), profile, late)
    assert len(walk.profile.ended) == MANY_ENDED + 1


def test_a_walk_that_is_told_nothing_does_nothing() -> None:
    plan, profile = begun()
    before = len(profile.enrolments)
    walk = handle_timers(plan, profile, HOUR - 1)
    assert (walk.records, walk.rows, len(walk.profile.enrolments)) == ([], [], before)


def test_a_start_event_without_the_key_starts_nothing() -> None:
    plan = compiled(SHORT).plan
    walk = Walk(plan, Profile(id="c", label="c"), 0)
    start_by_event(walk, plan.journeys["short"], replace_properties(BOOKED))
    assert walk.profile.enrolments == {}


def replace_properties(event: Event) -> Event:
    return Event(id=event.id, name=event.name, profile={}, at=event.at, received=event.received)
