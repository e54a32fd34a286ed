"""How likely each action was to come first, beside what comes first when it is drawn again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.sample import beta
from engine.decide.selection import Runner, chances_of, first_chances
from engine.decide.thompson import Thompson
from engine.journey.ask import ask
from engine.model.action import Asked, Propensity
from engine.model.decision import Candidate, Decision
from engine.model.profile import Profile
from tests.unit.decide.test_answer import NOW
from tests.unit.decide.test_learned import learning, snapshot

beliefs = st.builds(
    lambda size, mean, weight: Runner(size * mean, size * (1 - mean), 0.0, weight),
    st.sampled_from([0.5, 2.0, 10.0, 100.0, 3_000.0]),
    st.sampled_from([0.01, 0.1, 0.3, 0.9]),
    st.sampled_from([0.5, 1.0, 2.0]),
)
certain = st.builds(lambda p: Runner(0.0, 0.0, p, 1.0), st.sampled_from([0.05, 0.1, 0.4]))


def drawn(runners: list[Runner], times: int) -> list[float]:
    """How often each comes first when all are drawn."""
    first: Counter[int] = Counter()
    for time in range(times):
        scores = []
        for place, each in enumerate(runners):
            likely = beta(f"{time}|{place}", each.wins, each.losses) if each.learns else each.propensity
            scores.append(min(max(likely, 0.001), 0.999) * each.weight)
        first[scores.index(max(scores))] += 1
    return [first[place] / times for place in range(len(runners))]


@settings(max_examples=15)
@given(st.lists(beliefs | certain, min_size=1, max_size=5))
def test_the_chances_are_those_of_the_draws(runners: list[Runner]) -> None:
    found = first_chances(runners, 0.0)

    assert sum(found) == pytest.approx(1.0)
    assert found == pytest.approx(drawn(runners, 600), abs=0.1)


def test_two_alike_share_and_the_certainly_better_takes_all() -> None:
    alike = [Runner(3.0, 20.0, 0.0, 1.0)] * 4

    assert first_chances(alike, 0.0) == pytest.approx([0.25] * 4, abs=1e-4)
    assert first_chances([Runner(900.0, 100.0, 0.0, 1.0), *alike], 0.0)[0] == pytest.approx(1.0, abs=1e-6)
    # Beta(2, 1) is above Beta(1, 1) two times of three: an integral known by heart
    assert first_chances([Runner(2.0, 1.0, 0.0, 1.0), Runner(1.0, 1.0, 0.0, 1.0)], 0.0) == pytest.approx(
        [2 / 3, 1 / 3], abs=2e-3
    )
    # and above one half, which is certain, three times of four
    assert first_chances([Runner(2.0, 1.0, 0.0, 1.0), Runner(0.0, 0.0, 0.5, 1.0)], 0.0) == pytest.approx(
        [0.75, 0.25], abs=2e-3
    )


def test_only_the_foremost_have_a_chance_and_lots_leave_them_alone() -> None:
    learns, other = Runner(3.0, 20.0, 0.0, 1.0), Runner(1.0, 20.0, 0.0, 1.0)

    assert first_chances([learns, replace(other, kept=True)], 0.5) == [0.0, 1.0]
    assert first_chances([replace(learns, mandatory=True), replace(other, kept=True)], 0.5) == [1.0, 0.0]
    assert first_chances([], 0.5) == []


def test_lots_give_each_that_learns_its_part() -> None:
    runners = [Runner(900.0, 100.0, 0.0, 1.0), Runner(1.0, 999.0, 0.0, 1.0), Runner(0.0, 0.0, 0.1, 1.0)]

    assert first_chances(runners, 0.1) == pytest.approx([0.95, 0.05, 0.0], abs=1e-6)
    assert first_chances(runners[1:], 0.1) == pytest.approx([0.0, 1.0], abs=1e-6)  # a lot among one is none


def test_equal_scores_go_to_the_earlier() -> None:
    certain = Runner(0.0, 0.0, 0.2, 1.0)

    assert first_chances([certain, certain], 0.0) == [1.0, 0.0]
    assert first_chances([Runner(0.0, 0.0, 0.2, 0.0)] * 2, 0.0) == [1.0, 0.0]


def test_what_is_computed_of_a_decision_is_what_answers_do() -> None:
    # given three actions that are known to different degrees, one of which is worth more and one of which is fixed
    plan = learning("a", "b", "c", explore=0.1)
    fixed = replace(plan.actions["c"], propensity=Propensity(0.25))
    plan = replace(plan, actions={**plan.actions, "b": replace(plan.actions["b"], value=1.5), "c": fixed})
    learned = Thompson(snapshot(a=(40.0, 12.0), b=(10.0, 2.0)))
    answers = [
        ask(plan, Profile(id=f"c{n}", label="c"), Asked("app.home"), NOW, learned=learned).ranked for n in range(500)
    ]
    # when one of their records is asked
    rows = [
        Candidate(
            each.action.name,
            each.factors.propensity,
            each.factors.belief.wins,
            each.factors.belief.losses,
            each.factors.context,
            each.factors.value,
            each.factors.boost,
            each.factors.score,
        )
        for each in answers[0]
    ]
    found = chances_of(Decision(id="d", at=NOW, placement="app.home", channel="app", plan="p", candidates=rows), 0.1)
    # then each came first as often as it says
    counted = Counter(ranked[0].action.name for ranked in answers)
    assert found == pytest.approx({name: counted[name] / 500 for name in "abc"}, abs=0.06)
