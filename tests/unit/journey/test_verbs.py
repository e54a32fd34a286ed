"""Every verb explains itself with an example that compiles, and has a file of cases that come true.

A case: a journey (or more, apart by ---), events of Ana ('instant name property=value ...'), and every record
they bring.
"""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from engine.define.source import read_yaml
from engine.journey.steps import BY_NAME, VERBS
from engine.journey.steps.step import Verb
from engine.model.record import Record
from engine.policy.wallclock import iso
from tests.story import TEMPLATE, VOCABULARY, Story, compiled

MESSAGES = ("basket_reminder", "basket_help", "thanks", "reminder", "free_delivery", "voucher", "still_there")
PLACES = "placements: {web.basket: {show: 1}, store.till: {show: 1}}\n"
WORDS = VOCABULARY
for old, new in {
    "{basket_id: text, total: number": "{basket_id: text, order_id: text, total: number",
    "    case_opened:\n      properties: {": "    case_opened:\n      properties: {subject: text, ",
    "  customer:\n": "  customer:\n    last_basket: {type: text}\n    welcomed: {type: yes_no}\n",
}.items():
    WORDS = WORDS.replace(old, new)
CASES = Path(__file__).parents[2] / "cases" / "steps"


def cases() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.yml")):
        doc = read_yaml(file.name, file.read_text(encoding="utf-8"))
        assert doc.problems == [], doc.problems
        found += [pytest.param(case, id=f"{file.stem}: {case['case']}") for case in doc.data]
    return found


def line(record: Record) -> str:
    """A record as the cases write it."""
    by = f" by {record.channel}" if record.channel else ""
    why = f" because {record.reason}" if record.reason else ""
    more = "".join(f" {name}={value}" for name, value in (record.extra or {}).items())
    return f"{iso(record.at)} {record.kind} {record.message or record.journey}{by}{more}{why}"


@pytest.mark.parametrize("case", cases())
def test_cases_come_true(case: dict[str, Any]) -> None:
    story = Story(*case["journey"].split("---\n"), others=[PLACES])
    story.join("2026-01-01T08:00:00Z")
    for event in case["events"]:
        at, name, *properties = str(event).split()
        given: dict[str, Any] = dict(each.split("=", 1) for each in properties)
        story.event(at, name, **given)
    story.end()
    assert [line(record) for record in story.records] == case["expect"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_cases_that_use_it(verb: Verb) -> None:
    file = CASES / f"{verb.name}.yml"
    assert file.exists(), f"write {file.name}: what '{verb.name}' does, as cases"
    assert f"{verb.name}:" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_says_what_it_does_with_an_example_that_compiles(verb: Verb) -> None:
    text, _, example = cleandoc(type(verb).__doc__ or "").partition("Example:\n")
    assert text.strip(), f"'{verb.name}' does not say what it does"
    assert f"- {verb.name}:" in example
    journey = f"journey: example\nstart: {{event: basket_updated}}\nsteps:\n{indent(dedent(example), '  ')}"
    found = compiled(journey, vocabulary=WORDS, others=[PLACES], **dict.fromkeys(MESSAGES, TEMPLATE))
    assert verb.name in {step.verb.name for step in found.plan.journeys["example"].steps.values()}


def test_no_case_file_is_left_over() -> None:
    assert {file.stem for file in CASES.glob("*.yml")} == set(BY_NAME)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_key_of_a_verb_is_described(verb: Verb) -> None:
    undescribed = [name for name, field in verb.Shape.model_fields.items() if not field.description]
    assert undescribed == []
