"""For tests of stories: a small workspace and what comes of a story told of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.model.problem import Problem
from engine.testing.stories.report import failure_text
from engine.testing.stories.run import Played, Runner, runner

HOME = Path(__file__).resolve().parents[2] / "cases/stories"
HEAD = """tests: [abandoned_basket, reminder, store.till]
clock: 2026-03-02 14:00 Europe/Paris
customer: {id: ana, email: ana@example.com, push_token: t1, consent: {marketing: [push, email]}}
cases:
  one:
"""
BASKET = "    - {at: 0m, event: basket_updated, channel: web, basket_id: b1, total: 45}\n"


@cache
def teller() -> Runner:
    """The workspace of the worked cases, compiled once."""
    return runner(HOME)


def problems(text: str) -> list[Problem]:
    """What is wrong with a story file."""
    return teller().read("tests/story.yaml", text)[1]


def played(text: str) -> list[Played]:
    """Every case of a story that can be read, played."""
    story, found = teller().read("tests/story.yaml", text)
    assert not found, [str(problem) for problem in found]
    assert story is not None
    return [teller().play(story, case) for case in story.cases]


def told(lines: str) -> str:
    """The failures of one case of Ana's, made of `lines`, as text; '' when it holds."""
    (one,) = played(HEAD + lines)
    return "\n\n".join(failure_text(failure) for failure in one.failures)
