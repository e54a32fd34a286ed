"""docs/stories.md: its examples are played, its tables are those of the code."""

from __future__ import annotations

import re

import click
import pytest

from engine.cli.main import main
from engine.testing.stories.model import EXPECTED
from engine.testing.stories.outcomes import SAID
from engine.testing.stories.phrase import RULES
from engine.testing.stories.report import failure_text
from engine.testing.stories.shape import STEP, StoryShape
from tests.unit.docs.pages import ROOT, Block, blocks, code, tables
from tests.unit.testing.stories import played

PAGE = ROOT / "docs/stories.md"


def examples() -> list[Block]:
    return [block for block in blocks(PAGE) if block.language == "yaml"]


@pytest.mark.parametrize("block", examples(), ids=lambda block: block.place)
def test_every_example_holds(block: Block) -> None:
    assert [case.name for case in played(block.text) if not case.passed] == []


def test_the_failure_on_the_page_is_what_one_sees() -> None:
    (shown,) = [block.text for block in blocks(PAGE) if block.language == "text"]
    wrong = examples()[0].text.replace("by push]}}", "by email]}}", 1)
    said = [failure_text(failure) for case in played(wrong) for failure in case.failures]

    assert shown.replace("tests/basket.yaml", "tests/story.yaml").partition("\n\n")[0] == "\n\n".join(said)


def names(label: str, name: str) -> list[str]:
    return [word for row in tables(PAGE, label)[name] for word in (re.findall(r"`([^`]+)`", row[0]) or [code(row[0])])]


def test_the_tables_list_what_there_is() -> None:
    test = main.get_command(click.Context(main), "test") if isinstance(main, click.Group) else None

    assert set(names("keys", "StoryShape")) == set(StoryShape.model_fields)
    assert names("fields", "story") == list(STEP)
    assert set(names("fields", "expect")) == set(EXPECTED)
    assert names("fields", "outcomes") == list(SAID)
    assert test is not None
    assert set(names("options", "test")) == {max(option.opts, key=len) for option in test.params} | {"--help"}


def test_because_knows_every_rule_that_the_engine_names() -> None:
    rooms = [ROOT / "engine" / room for room in ("journey", "policy")]
    text = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
    found = set(re.findall(r"(?:Reason|Refusal)\(\s*\"(\w+)\"", text))

    assert len(found) > 15
    assert found <= set(RULES)


def test_an_example_with_a_mistake_would_be_found() -> None:
    assert not played(examples()[0].text.replace("by push]}}", "by sms]}}", 1))[0].passed
