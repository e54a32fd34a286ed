"""The record of a decision: what is read is what was decided, however it is kept."""

from __future__ import annotations

import zlib
from dataclasses import replace

import msgspec
import pytest

from engine.journey.ask import ask
from engine.model.decision import Candidate, Decision, LeftOut
from engine.runtime.asking.account import record
from engine.runtime.blob import pack
from engine.runtime.decisions import FIELD, decision_of, packed, read_decision
from tests.unit.decide.worlds import world


@pytest.mark.slow
def test_what_is_read_is_what_was_decided() -> None:
    marks = 0
    for seed in range(3, 600, 12):
        given = world(seed)
        asked = replace(given.asked, brief=True)
        answer = ask(given.plan, given.profile, asked, given.now, given.flags)
        written = record(
            given.plan.placements[asked.placement],
            answer,
            frozenset({"a1", "a4"}),
            name="d1",
            request="r",
            profile="c1",
            at=given.now,
            plan="p",
            context=asked.context,
            figures={"price": 3.5},
        )

        read = read_decision({FIELD: packed(written)})

        assert read is not None
        assert read == decision_of(written)
        assert (read.id, read.profile, read.figures, read.context) == ("d1", "c1", {"price": 3.5}, asked.context)
        ranked = () if answer.fallback else (*answer.ranked, *answer.behind)
        assert read.candidates == [
            Candidate(
                each.action.name,
                each.factors.propensity,
                each.factors.belief.wins,
                each.factors.belief.losses,
                each.factors.context,
                each.factors.value,
                each.factors.boost,
                each.factors.score,
                each.kept,
                each.action.mandatory,
                each.action.name in ("a1", "a4"),
                each.chance,
            )
            for each in ranked
        ]
        left = [LeftOut(each.action, each.stage, each.rule) for each in answer.removed]
        assert sorted(read.removed, key=str) == sorted(left, key=str)
        marks += any(each.kept or each.mandatory or each.suggested for each in read.candidates)
    assert marks > 5


def test_of_very_many_candidates_the_first_hundred_are_kept_and_the_rest_is_counted() -> None:
    given = world(3)
    answer = ask(given.plan, given.profile, replace(given.asked, limit=None, brief=True), given.now, given.flags)
    answer = replace(answer, fallback=False, ranked=answer.ranked or answer.behind, behind=130 * answer.ranked[:1])

    home = given.plan.placements["web.home"]
    written = record(
        home, answer, frozenset(), name="d", request="", profile="", at=1, plan="p", context={}, figures={}
    )

    read = decision_of(written)
    assert (len(read.candidates), read.others) == (100, len(answer.ranked) + 30)


def test_a_record_of_an_earlier_release_is_read() -> None:
    one = Candidate("kit", 0.25, 1.0, 3.0, 1.0, 2.0, 1.5, 0.75, kept=True)
    old = Decision(
        id="d1", at=5, placement="web.home", channel="web", plan="p", candidates=[one], removed=[LeftOut("a", "ramp")]
    )

    assert read_decision({FIELD: zlib.compress(pack(old), 1)}) == old
    assert read_decision({"e": b"something else"}) is None
    assert msgspec.to_builtins(one)[7] == 0.75
