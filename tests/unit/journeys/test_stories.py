"""The shipped journeys keep what their stories tell, and no step or branch of them is left untold."""

from __future__ import annotations

import re
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from engine.define.checks import findings
from engine.testing.stories.suite import Suite, run_stories
from tests.unit.journeys.starter import ROOT, starter

VARIABLE = re.compile(r"%\((\w+)\)")


def many(text: Any) -> list[str]:
    """A text and its plural, if there is one."""
    return [text] if isinstance(text, str) else list(text)


@pytest.fixture(scope="module")
def suite() -> Suite:
    return run_stories((ROOT / "journeys",), coverage=True)


def test_all_stories_hold(suite: Suite) -> None:
    assert [each for each in suite.played if not each.passed] == []
    assert suite.problems == []
    assert len(suite.played) > 90


def test_every_step_and_branch_is_reached_by_a_story(suite: Suite) -> None:
    assert {reach.journey for reach in suite.reach} == set(starter().plan.journeys)
    assert [reach for reach in suite.reach if reach.percent < 100] == []


def test_the_check_finds_nothing_not_even_a_hint() -> None:
    compiled = starter()
    assert findings(compiled.plan, compiled.renderer, compiled.sources) == ()


def test_every_message_is_used_by_a_journey() -> None:
    journeys = "\n".join(text for name, text in starter().sources.items() if name.startswith("journeys/"))
    assert set(re.findall(r"- (?:send|suggest): (\w+)", journeys)) == starter().renderer.messages()


def test_the_french_is_whole_and_nothing_in_it_is_left_over() -> None:
    texts: set[str] = set()
    for path in sorted((ROOT / "templates").rglob("*.j2")):
        with path.open("rb") as file:
            for _, found, *_ in extract("jinja2.ext:babel_extract", file, options={"silent": "no", "trimmed": "yes"}):
                texts.add(found if isinstance(found, str) else found[0])
    with (ROOT / "templates/locales/fr.po").open("rb") as file:
        entries = [entry for entry in read_po(file, "fr", abort_invalid=True) if entry.id]
    assert texts == {many(entry.id)[0] for entry in entries}
    for entry in entries:
        written, source = many(entry.string), many(entry.id)
        assert all(written), source
        assert set(VARIABLE.findall(written[-1])) == set(VARIABLE.findall(source[-1])), source
