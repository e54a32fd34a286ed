"""Names and words that must stay what they are: ids, errors, spans, types."""

from __future__ import annotations

import pickle

import pytest

from engine.model.condition import Literal, Path
from engine.model.errors import BadEvent, DefinitionError, Fenced, ParcoursError, RenderFailed, SetupError
from engine.model.ids import SHARDS, attempt_id, enrolment_id, message_id, profile_id, shard_of, shard_of_message
from engine.model.problem import Place, Problem
from engine.model.record import Reason
from engine.model.span import DAY, Span
from engine.model.vocabulary import Type


def test_ids_are_the_same_on_every_machine() -> None:
    # stored for ever: a change of any of these would lose customers
    assert profile_id("customer_id", "ana") == "c2e13238d2890d2efe874105e"
    assert shard_of("cana") == 1
    assert attempt_id("m00x", "email", 2) == "m00x-email-2"


def test_ids_of_different_facts_differ() -> None:
    facts = [
        ("c", "j", "k", 1),
        ("d", "j", "k", 1),
        ("c", "i", "k", 1),
        ("c", "j", "l", 1),
        ("c", "j", "k", 2),
        ("c", "jk", "", 1),
    ]
    assert len({enrolment_id(*fact) for fact in facts}) == len(facts)
    assert message_id("c", "j", "k", 1, "s", 1) != message_id("c", "j", "k", 1, "s", 2)


def test_a_message_id_leads_home_to_its_shard() -> None:
    for number in range(300):
        profile = f"c{number}"
        assert 0 <= shard_of(profile) < SHARDS
        assert shard_of_message(message_id(profile, "j", "", 1, "s", 1)) == shard_of(profile)
    with pytest.raises(ValueError, match="'e12' is not a message id"):
        shard_of_message("e12")


ERRORS = [
    (
        DefinitionError([Problem(Place("a.yaml", 3, 5), "wrong.", hint="Write b.")]),
        "1 problem: a.yaml:3:5: wrong. Write b.",
    ),
    (DefinitionError([Problem(Place("a.yaml"), "x")] * 4), "4 problems: a.yaml: x; a.yaml: x; a.yaml: x"),
    (BadEvent("at", "is missing"), "at: is missing"),
    (RenderFailed("m1", "sms", "m1.j2:3", "no 'x'"), "m1.j2:3: 'm1' cannot be rendered for sms: no 'x'"),
    (SetupError("no server", 3), "no server 3"),
    (Fenced("shard", 7), "shard 7"),
]


@pytest.mark.parametrize(("error", "sentence"), ERRORS, ids=lambda each: getattr(each, "code", ""))
def test_every_error_writes_its_own_sentence_and_survives_pickling(error: ParcoursError, sentence: str) -> None:
    assert str(error) == sentence
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == sentence
    assert vars(again) == vars(error)


def test_codes_of_errors_are_their_own() -> None:
    codes = [each.code for each in ParcoursError.__subclasses__()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("span", "days"),
    [(Span(days=7), 7), (Span(months=1), 30), (Span(months=12), 365), (Span(months=13), 395), (Span(ms=DAY), 1)],
)
def test_a_look_back_counts_days_of_24_hours_months_of_30_and_years_of_365_days(span: Span, days: int) -> None:
    assert span.elapsed == days * DAY


def test_words_for_people() -> None:
    assert str(Span(ms=1, text="1 ms")) == "1 ms"
    assert (
        str(Type("list", of=Type("item", fields={"sku": Type("text"), "n": Type("integer")})))
        == "[{sku: text, n: integer}]"
    )
    assert [str(Literal(value)) for value in (True, False, 2.5, "a")] == ["yes", "no", "2.5", "a"]
    assert str(Path("basket", ("lines", "sku"))) == "basket.lines.sku"
    assert str(Path("", ("sku",))) == "sku"
    assert [str(Reason("goal")), str(Reason("cap", "1 of 1"))] == ["goal", "cap: 1 of 1"]
