"""What could go on for ever does not: timers at one instant, a segment that turns itself on and off."""

from __future__ import annotations

import pytest

import engine.journey.core as core
from engine.define.workspace import compile_sources
from engine.journey.conclude import MOST_ROUNDS
from engine.journey.steps import BY_NAME
from engine.journey.steps.step import Verb
from engine.policy.bucket import share
from tests.story import Story, compiled, ms, workspace

FLIP = """
journey: flip
start: {enters: gold, again: at once}
steps: [{update: {tier: silver}}]
"""
FLOP = """
journey: flop
start: {leaves: gold, again: at once}
steps: [{update: {tier: gold}}]
"""
SEGMENTS = "segments:\n  gold: customer.tier is gold\n"


def test_a_segment_that_is_turned_on_and_off_by_what_it_starts_is_flagged_as_a_runaway() -> None:
    story = Story(FLIP, FLOP, others=[SEGMENTS])
    story.event("2026-03-02T08:00:00Z", "tier_changed", tier="gold")
    assert story.reasons("flagged") == [f"runaway: {MOST_ROUNDS} rounds of segments and emitted events"]


def test_more_timers_than_are_sane_wait_for_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MOST_TIMERS", 2)
    story = Story("journey: j\nstart: {event: booked, key: event.booking_id}\nsteps: [{wait: 1h}]\n")
    for number in range(5):
        story.event("2026-03-02T08:00:00Z", "booked", booking_id=f"k{number}")
    walk = core.handle_timers(story.simulator.plan, story.ana, ms("2026-03-02T09:00:00Z"))
    assert len(walk.profile.enrolments) == 3
    walk = core.handle_timers(story.simulator.plan, walk.profile, ms("2026-03-02T09:00:00Z"))
    assert len(walk.profile.enrolments) == 1


def test_a_spread_scatters_customers_over_its_length_and_each_always_to_the_same_instant() -> None:
    story = Story('journey: j\nstart: {event: booked}\nsteps: [{wait_until: "10:00", spread: 30m}]\n')
    for number in range(40):
        story.event("2026-03-02T08:00:00Z", "booked", profile={"customer_id": f"p{number}"})
    story.end()
    ten = ms("2026-03-02T09:00:00Z")
    ended = {record.profile: record.at - ten for record in story.records if record.kind == "ended"}
    assert all(0 <= each < 30 * 60_000 for each in ended.values())
    assert len(set(ended.values())) > 30
    assert ended == {name: int(30 * 60_000 * share("spread:j:wait_until:10:00", name)) for name in ended}


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("{repeat: 2, steps: []}", "there is nothing to repeat."),
        ("{wait_until: 2026-03-01, if_past: next}", "'2026-03-01' comes only once."),
        ("{if: customer.tier is gold}", "this 'if' leads nowhere."),
    ],
)
def test_what_a_verb_refuses(step: str, problem: str) -> None:
    found = compile_sources(workspace(f"journey: j\nstart: {{event: booked}}\nsteps: [{step}]\n"))
    assert problem in str(found.problems[0])


def test_a_verb_without_its_parts_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="compile"):
        Verb()  # type: ignore[abstract]
    assert set(BY_NAME) == {verb.name for verb in BY_NAME.values()}
    assert compiled("journey: j\nstart: {event: booked}\nsteps: [{wait: 1h}]\n").problems == ()
