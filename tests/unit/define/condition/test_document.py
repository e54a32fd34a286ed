"""Every example of docs/conditions.md is read, and every answer it shows is the answer given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.define.condition import parse_condition, parse_match, parse_where
from tests.unit.define.condition.world import NAMES, PLACE

PAGE = (Path(__file__).parents[4] / "docs" / "conditions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(condition|match|where) ?(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [(kind, event, line) for kind, event, body in BLOCKS for line in body.splitlines()]
TABLES = re.findall(r"^\| Write \| True when \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
ROWS = [("condition", "", row.split("`")[1]) for table in TABLES for row in table.splitlines()]
ANSWERS = re.findall(r"^\| `([^`]+)` \| (.*) \|$", PAGE.partition("## When it is wrong")[2], re.MULTILINE)


def test_the_page_has_examples_to_read() -> None:
    assert (len(EXAMPLES) > 15, len(ROWS) > 15, len(ANSWERS) > 5) == (True, True, True)


@pytest.mark.parametrize(("kind", "event", "text"), EXAMPLES + ROWS)
def test_an_example_of_the_page_is_read(kind: str, event: str, text: str) -> None:
    if kind == "match":
        assert parse_match(text, PLACE, NAMES)[1] == []
    elif kind == "where":
        assert parse_where(text, PLACE, NAMES, event)[1] == []
    else:
        assert parse_condition(text, PLACE, NAMES)[1] == []


@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_a_mistake_of_the_page_is_answered_as_it_says(text: str, answer: str) -> None:
    _, problems = parse_condition(text, PLACE, NAMES)
    assert [f"{problem.message} {problem.hint}".strip() for problem in problems] == [
        answer.replace("400d,", "400d (vocabulary.yaml:12),")
    ]
