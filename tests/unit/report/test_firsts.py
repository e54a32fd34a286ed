"""First places of our own decisions: their probabilities, and to which decision an outcome belongs."""

from __future__ import annotations

import pytest

from engine.model.span import HOUR
from engine.report.decisions.firsts import chances_of, firsts
from engine.report.decisions.logged import Outcome, dataset_of, joined, row_of
from tests.unit.report.made import candidate, decision


def test_what_is_written_is_sure_and_what_is_learned_is_drawn() -> None:
    assert chances_of(decision("d", candidate("a", value=2), candidate("b"))) == {"a": 1.0, "b": 0.0}
    like = [candidate(name, wins=2, losses=8, propensity=0.2) for name in "ab"]
    assert chances_of(decision("d", *like)) == pytest.approx({"a": 0.5, "b": 0.5})
    # uniform against a constant 0.3, and on a tenth of the days one of the two that learn by lot
    them = [candidate("a", wins=1, losses=1), candidate("b", wins=1, losses=1e9), candidate("c", propensity=0.3)]
    assert chances_of(decision("d", *them, explore=0.1)) == pytest.approx(
        {"a": 0.9 * 0.7 + 0.05, "b": 0.05, "c": 0.9 * 0.3}, abs=2e-3
    )


def test_a_draw_of_the_control_group_makes_all_equally_likely() -> None:
    drawn = [candidate("a", chance=True), candidate("b", chance=True)]

    assert chances_of(decision("d", *drawn, others=2)) == {"a": 0.25, "b": 0.25}
    assert chances_of(decision("d", candidate("service"), *drawn)) == {}  # not known: it won by its score
    assert chances_of(decision("d", candidate("recall", mandatory=True), *drawn))["recall"] == 1.0


def test_an_outcome_belongs_to_its_decision_else_to_the_newest_that_showed_it() -> None:
    them = [decision(name, candidate("a"), at=at) for name, at in (("d1", 0), ("d2", HOUR), ("d3", 60 * HOUR))]
    said = [
        Outcome("ana", "a", "accepted", 2 * HOUR, "d1"),
        Outcome("ana", "a", "declined", 3 * HOUR),
        Outcome("ana", "a", "accepted", 40 * HOUR),  # a day is over
        Outcome("bo", "a", "accepted", HOUR),
    ]

    assert [each.outcomes for each in joined(them, said)] == [
        {"a": {"accepted": 2 * HOUR}},
        {"a": {"declined": 3 * HOUR}},
        {},
    ]


def test_what_stays_the_answer_belongs_to_the_decision_that_chose_it() -> None:
    them = [
        decision("d1", candidate("a", value=3), at=0),
        decision("d2", candidate("a", kept=True), at=HOUR, placement="store.till"),
        decision("d3", at=HOUR, shown=[], profile="bo"),
        decision("d4", shown=["new"], fallback=True, profile="cy"),
    ]
    logged = joined(them, [Outcome("ana", "a", "accepted", 2 * HOUR, "d2")])

    choices, chosen = firsts(logged, "value")
    assert [each.decision.id for each in chosen] == ["d1"]
    assert list(choices.reward) == [3.0]
    assert choices.left_out == {
        "it was shown before and stayed the answer": 1,
        "nothing was shown": 1,
        "the fallback was shown": 1,
    }


def test_a_row_says_all_of_a_decision() -> None:
    logged = joined([decision("d1", candidate("a", wins=1, losses=3))], [Outcome("ana", "a", "accepted", 9, "d1")])
    row = row_of(logged[0])

    assert row["candidates"][0]["losses"] == 3
    assert row["outcomes"] == [{"action": "a", "outcome": "accepted", "at": 9}]
    assert dataset_of(iter([row]), "x").decisions == logged
