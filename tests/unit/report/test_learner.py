"""The learner on choices that were logged at random: what it takes up, and that it finds what is good."""

from __future__ import annotations

import pytest

from engine.report.decisions.estimate import worth
from engine.report.decisions.learner import after_learning, as_it_learns
from tests.unit.report.made import choices, logged

EQUAL = (0.25,) * 4


def rate(context: int, action: int) -> float:
    return (0.1, 0.1, 0.1, 0.4)[action]


@pytest.mark.slow
def test_it_is_better_than_chance_where_one_action_is() -> None:
    made = logged(1_500, EQUAL, rate, 1)
    live, learned = as_it_learns(made), worth(made, after_learning(made))

    assert live.taken == pytest.approx(375, abs=60)  # one of four was what it would have shown
    assert live.value.low > 0.2  # chance gets 0.175
    assert learned.snips.low > 0.25


@pytest.mark.slow
def test_unequal_chances_are_made_up_for() -> None:
    made = logged(1_500, (0.55, 0.25, 0.1, 0.1), lambda context, action: 0.5, 2)

    even = as_it_learns(made)
    assert as_it_learns(made) == even  # no dice
    assert even.value.value == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_where_nothing_ever_succeeds_the_interval_says_how_little_that_is() -> None:
    found = as_it_learns(choices(*[("a", 0.0, 0.5), ("b", 0.0, 0.5)] * 20))

    assert found.value.value == 0
    assert found.value.high > 0.05
