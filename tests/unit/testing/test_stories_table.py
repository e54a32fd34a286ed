"""What lies on the table when somebody asks."""

from __future__ import annotations

from engine.journey.table import on_table
from engine.model.profile import Profile, Suggestion


def suggestion(action: str, until: int, *placements: str) -> Suggestion:
    return Suggestion(action, list(placements), until, "e1", "journey", "suggest")


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

    assert [each.action for each in on_table(profile, "till", 100)] == ["newer", "older"]
    assert on_table(profile, "app", 100) == []
