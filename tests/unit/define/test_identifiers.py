"""One customer typed in several ways is one customer; what cannot be an identifier is refused in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.events import read_event
from engine.define.workspace import compile_sources
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.vocabulary import Vocabulary
from tests.story import Story, workspace

WORDS = """
vocabulary:
  %s
  identifiers:
    customer_id: strong
    loyalty_card: strong
    email: weak
    phone: weak
    mobile: {strength: weak, type: phone}
    cookie: {strength: weak}
  events: {seen: {properties: {}}}
"""
JOURNEY = "journey: j\nstart: {event: seen}\nsteps: [{stop: done}]\n"


def vocabulary(country: str = "country: FR", identifiers: str = "") -> Vocabulary:
    words = WORDS % country
    compiled = compile_sources(
        workspace(JOURNEY, vocabulary=words.replace("cookie: {strength: weak}", identifiers or "cookie: weak"))
    )
    return compiled.sound().plan.vocabulary


def read(words: Vocabulary, **profile: Any) -> Event:
    return read_event(words, {"id": "1", "event": "seen", "at": "2026-03-02T14:00:00Z", "profile": profile}, 0)


@pytest.mark.parametrize(
    ("name", "typed", "one"),
    [
        ("email", " Ana.Martin@Example.ORG ", "ana.martin@example.org"),
        ("email", "ana+news@example.org", "ana+news@example.org"),  # an address of its own
        ("email", "ana@bücher.example", "ana@bücher.example"),
        ("phone", "06 12 34 56 78", "+33612345678"),
        ("phone", "0033 6 12-34-56-78", "+33612345678"),
        ("phone", "+44 20 7946 0018", "+442079460018"),
        ("mobile", "06.12.34.56.78", "+33612345678"),
        ("loyalty_card", "ab12-3456 7890", "AB1234567890"),
        ("loyalty_card", 1234567, "1234567"),
        ("customer_id", " Ana-1 ", "Ana-1"),
        ("cookie", "A b", "A b"),
    ],
)
def test_each_identifier_has_one_spelling(name: str, typed: object, one: str) -> None:
    assert read(vocabulary(), **{name: typed}).profile == {name: one}


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("email", "ana.example.org", "profile.email: 'ana.example.org' is no e-mail address: write ana@example.org"),
        ("phone", "12", "profile.phone: '12' is no phone number: write it with its country code, +33612345678"),
        ("loyalty_card", "no card!", "profile.loyalty_card: 'no card!' is no card number: write letters and digits"),
    ],
)
def test_what_cannot_be_one_is_refused(name: str, typed: str, sentence: str) -> None:
    with pytest.raises(BadEvent) as fault:
        read(vocabulary(), **{name: typed})
    assert fault.value.sentence().startswith(sentence)


def test_without_a_country_a_number_needs_its_code() -> None:
    words = vocabulary("channels: []")
    assert read(words, phone="+33 6 12 34 56 78").profile == {"phone": "+33612345678"}
    with pytest.raises(BadEvent, match="or say 'country:' in the vocabulary"):
        read(words, phone="06 12 34 56 78")


def test_a_name_means_what_it_says_unless_the_vocabulary_says_otherwise() -> None:
    words = vocabulary()
    assert words.forms == {"loyalty_card": "card", "email": "email", "phone": "phone", "mobile": "phone"}
    plain = vocabulary(identifiers="cookie: weak").forms
    assert "cookie" not in plain
    text = WORDS.replace("phone: weak\n", "phone: {strength: weak, type: text}\n", 1) % "country: FR"
    found = compile_sources(workspace(JOURNEY, vocabulary=text)).sound().plan.vocabulary
    assert read(found, phone="ext. 12").profile == {"phone": "ext. 12"}


@pytest.mark.parametrize(
    ("country", "identifiers", "said"),
    [
        ("country: France", "", "'France' is no country"),
        ("country: FR", "cookie: stong", "cookie"),
        ("country: FR", "cookie: {strength: weak, type: fone}", "type"),
    ],
)
def test_a_mistake_in_the_vocabulary_is_said(country: str, identifiers: str, said: str) -> None:
    words = (WORDS % country).replace("cookie: {strength: weak}", identifiers or "cookie: weak")
    problems = compile_sources(workspace(JOURNEY, vocabulary=words)).problems
    assert problems
    assert any(said in f"{each.message} {each.source} {each.hint}" for each in problems), problems


def test_the_same_number_typed_differently_is_one_customer() -> None:
    story = Story(JOURNEY, vocabulary=WORDS % "country: FR")
    story.event("2026-03-02T08:00:00Z", "seen", profile={"phone": "06 12 34 56 78"})
    story.event("2026-03-02T08:01:00Z", "seen", profile={"phone": "+33612345678", "email": "Ana@Example.org"})
    story.event("2026-03-02T08:02:00Z", "seen", profile={"email": "ana@example.org"})
    assert [profile.label for profile in story.simulator.profiles.values()] == ["phone:+33612345678"]
