"""The grocer's workspace: everything it names exists, and every text is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from examples.grocer import source

HOME = Path(source.__file__).parent
MESSAGES = sorted((HOME / "templates" / "messages").glob("*.j2"))
JOURNEYS = "\n".join(path.read_text() for path in sorted((HOME / "journeys").glob("*.yaml")))
VARIABLE = re.compile(r"%\((\w+)\)")


@pytest.fixture(scope="module")
def french() -> dict[str, str]:
    with (HOME / "templates" / "locales" / "fr.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file, "fr", abort_invalid=True) if entry.id}


@pytest.fixture(scope="module")
def texts() -> set[str]:
    found = set()
    for path in MESSAGES:
        with path.open("rb") as file:
            found |= {str(text) for _, text, *_ in extract("jinja2.ext:babel_extract", file, options={"silent": "no"})}
    return found


def test_every_text_of_every_message_is_translated_and_nothing_more(texts: set[str], french: dict[str, str]) -> None:
    assert len(texts) > 50
    assert texts | {"Unsubscribe"} == set(french)  # that one stands in the layouts
    assert all(french.values())


def test_translations_keep_their_variables(french: dict[str, str]) -> None:
    assert {k: VARIABLE.findall(v) for k, v in french.items()} == {k: VARIABLE.findall(k) for k in french}


def test_every_message_is_sent_by_a_journey_and_every_journey_finds_its_messages() -> None:
    assert set(re.findall(r"send: (\w+)", JOURNEYS)) == {path.stem for path in MESSAGES}


def test_the_categories_that_journeys_ask_for_are_on_the_shelves() -> None:
    asked = set(re.findall(r'categories contains "([^"]+)"', JOURNEYS))
    shelves = {(c or "").lower() for c in source.Table("products", ["product_category"]).texts("product_category")}
    assert asked == {"cat food", "dog foods"}
    assert asked <= shelves
