"""What lies on the table when somebody asks."""

from __future__ import annotations

from dataclasses import replace

from engine.journey.ask import ask
from engine.model.action import Asked
from engine.model.plan import Placement
from engine.model.profile import Profile, Suggestion
from tests.unit.journeys.starter import starter


def suggestion(action: str, until: int, *placements: str) -> Suggestion:
    return Suggestion(action, list(placements), until, "e1", "journey", "suggest")


def told(profile: Profile, placement: Placement, now: int) -> list[str]:
    plan = replace(starter().plan, placements={placement.name: placement})
    return [each.action.name for each in ask(plan, profile, Asked(placement.name), now).ranked]


def test_the_newest_comes_first_and_what_is_over_or_meant_for_elsewhere_not_at_all() -> None:
    profile = Profile(
        id="c1",
        label="customer_id:ana",
        suggestions=[
            suggestion("older", 200, "till", "web"),
            suggestion("over", 100, "till"),
            suggestion("elsewhere", 200, "web"),
            suggestion("newer", 101, "till"),
        ],
    )

    assert told(profile, Placement("till", show=5), 100) == ["newer", "older"]
    assert told(profile, Placement("app", show=5), 100) == []


def test_a_placement_is_told_as_many_as_it_shows_and_its_fallback_when_there_is_nothing() -> None:
    lying = [suggestion(name, 200, "till") for name in ("first", "second", "third")]
    profile = Profile(id="c1", label="customer_id:ana", suggestions=lying)

    assert told(profile, Placement("till", show=2, fallback="news"), 100) == ["third", "second"]
    assert told(profile, Placement("till"), 100) == ["third"]
    assert told(profile, Placement("till", fallback="news"), 200) == ["news"]  # all of them are over
    assert told(profile, Placement("web"), 100) == []


def test_what_a_complaint_silences_is_not_shown_and_asking_changes_nothing() -> None:
    lying = Suggestion("offer", ["till"], 200, "e1", "win_back", "suggest")
    served = Suggestion("help", ["till"], 200, "e2", "click_and_collect", "suggest")
    profile = Profile(id="c1", label="customer_id:ana", attributes={"open_cases": 1}, suggestions=[served, lying])

    assert told(profile, Placement("till", show=2), 100) == ["help"]
    assert profile.suppressed == {}
    assert profile.suggestions == [served, lying]  # it lies there for the day after
