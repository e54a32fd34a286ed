"""Every text of the console exists in every language, with the same variables; nothing is left over."""

from __future__ import annotations

import re

import pytest

from engine.console.words import LOCALES, wanted, words
from tests.unit.console.texts import said, translated

VARIABLE = r"%\(\w+\)s|\{\w+(?:[!:][^}]*)?\}"  # of a template; of a sentence


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_text_is_translated_and_nothing_else_is(locale: str) -> None:
    here, there = said(), translated(locale)

    assert {text: place for text, place in here.items() if text not in there} == {}
    assert set(there) - set(here) == set()


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_a_translation_has_the_variables_of_its_text(locale: str) -> None:
    for text, forms in translated(locale).items():
        variables = set(re.findall(VARIABLE, text if isinstance(text, str) else "".join(text)))
        for form in forms:
            assert form.strip(), text
            assert set(re.findall(VARIABLE, form)) == variables, text
            assert ("%" in form) == ("%" in str(text)), text


@pytest.mark.parametrize(
    ("asked", "chosen", "given"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "", "fr"),
        ("de-DE,de;q=0.9", "", "en"),  # none that we have
        ("fr", "en", "en"),  # what was chosen goes before what the browser asks for
        ("", "xx", "en"),
    ],
)
def test_the_language_of_a_page(asked: str, chosen: str, given: str) -> None:
    assert wanted(asked, chosen) == given


def test_a_text_is_said_in_french() -> None:
    assert words("fr").gettext("Journeys") == "Parcours"
    assert words("en").gettext("Journeys") == "Journeys"
