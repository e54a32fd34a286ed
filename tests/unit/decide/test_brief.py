"""An answer that nobody wants explained is the same answer: whoever asks, whatever is known of them and was learned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from engine.decide.sample import _begun_anew, drawn
from engine.journey.ask import ask
from engine.model.action import Answer, Ranked
from tests.unit.decide.worlds import World, world

WORLDS = 600


def both(seed: int) -> tuple[World, Answer, Answer]:
    """A world, its answer with all explanations, and the brief one."""
    found = world(seed)
    before = msgspec.msgpack.encode(found.profile)
    full = ask(found.plan, found.profile, found.asked, found.now, found.flags)
    brief = ask(found.plan, found.profile, replace(found.asked, brief=True), found.now, found.flags)
    assert msgspec.msgpack.encode(found.profile) == before  # whoever asks changes nothing
    return found, full, brief


def numbers(each: Ranked) -> tuple[object, ...]:
    made = each.factors
    believed = made.belief.propensity, made.belief.wins, made.belief.losses, made.belief.drawn
    score = made.propensity, made.context, made.value, made.boost, made.score
    return each.action.name, score, believed, each.kept, each.lot, each.chance


@pytest.mark.slow
def test_of_many_worlds_the_brief_answer_is_the_one_that_is_explained() -> None:
    for seed in range(WORLDS):
        same(seed)


def test_of_a_few_worlds_as_well() -> None:
    for seed in range(0, WORLDS, 20):
        same(seed)


def same(seed: int) -> None:
    """Everything but the words of what is not shown, to the last digit."""
    _, full, brief = both(seed)

    def told(answer: Answer) -> list[object]:
        shown = [(numbers(each), each.factors.why) for each in answer.ranked]
        facts = answer.fallback, answer.arm, answer.segment, answer.snapshot, answer.explore, answer.conclusions
        return [shown, [numbers(each) for each in answer.behind], facts]

    assert told(brief) == told(full), f"world {seed}"
    left = Counter(
        (out.action, out.stage, out.rule) for out in full.removed if out.stage not in ("placement", "arbitration")
    )
    assert Counter((out.action, out.stage, out.rule) for out in brief.removed) == left, f"world {seed}"


@pytest.mark.slow
def test_worlds_have_all_that_may_happen() -> None:
    stages, words = Counter[str](), Counter[str]()
    for seed in range(0, WORLDS, 2):
        _, full, _ = both(seed)
        stages.update(each.rule or each.stage for each in full.removed)
        words.update(
            {
                "kept": any(each.kept for each in full.ranked),
                "lot": any(each.lot for each in full.ranked),
                "chance": any(each.chance for each in full.ranked),
                "fallback": full.fallback,
                "boost": any(each.factors.boost != 1.0 for each in full.ranked),
                "moved": any("odds x" in word for each in full.ranked for word in each.factors.why),
            }
        )
    assert {"placement", "eligibility", "applicability", "suitability", "ramp", "arbitration", "missing"} <= set(stages)
    assert {"paused", "killed", "global_holdout", "control", "consent", "suppressed", "rest", "cap"} <= set(stages)
    assert min(words.values()) > 0


def test_the_first_numbers_of_a_draw_say_the_same_as_all_of_them() -> None:
    shapes = (0.001, 0.05, 0.9, 1.0, 1.0001, 3.0, 20.0, 4_000.0)
    for wins in shapes:
        for losses in shapes:
            for number in range(20):
                words = f"c{number}|{wins}|{losses}".encode()
                assert drawn(words, wins, losses) == _begun_anew(words, wins, losses)
