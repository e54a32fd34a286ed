"""What was observed is kept in English and said in French; what is somebody else's stays as it stands."""

from __future__ import annotations

import pickle

import pytest

from engine.console.words import words
from engine.model.words import Words
from engine.runtime.telling import reason
from engine.runtime.voice import ENGLISH, Voice

FRENCH = Voice(words("fr").gettext, "fr")


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("cart.total is 12 (needs >= 20)", "cart.total vaut 12 (il faut >= 20)"),
        ("customer.tier is unknown (needs gold or silver)", "customer.tier n'est pas connu (il faut gold ou silver)"),
        ("a is 1 (needs 2) and b is 3 (needs 4)", "a vaut 1 (il faut 2) et b vaut 3 (il faut 4)"),
        ('customer.name is "one and two" and b is 3', 'customer.name vaut "one and two" et b vaut 3'),
        ("yes: order_placed happened 2 times in last 7d", "oui : order_placed : 2 fois en 7 j"),
        ("3 of 3 per 7d", "3 sur 3 en 7 j"),
        (
            "push unreachable: customer.push_token is not known",
            "push, injoignable : customer.push_token n'est pas connu",
        ),
        ("smtp: 550 no such user (attempt 2)", "smtp: 550 no such user (essai 2)"),
        # what a customer or a provider wrote
        ("the cat sat on the mat", "the cat sat on the mat"),
        ("opened", "opened"),
        ("", ""),
        ("{0} {path} %(x)s", "{0} {path} %(x)s"),
        ("(((" * 600, "(((" * 600),
    ],
)
def test_what_was_observed_is_read_back(english: str, french: str) -> None:
    assert " ".join(FRENCH.read(english).split()) == " ".join(french.split())
    assert ENGLISH.read(english) == english


def test_a_rule_and_what_it_saw_are_told_in_the_language_of_whoever_reads() -> None:
    told = reason("cap: 3 of 3 per calendar day", "Europe/Paris", 0, FRENCH)

    assert " ".join(told.split()) == "assez de messages : 3 sur 3 par jour calendaire"
    assert reason("cap: 3 of 3 per 7d", "Europe/Paris", 0) == "enough messages: 3 of 3 per 7d"


def test_a_sentence_remembers_what_it_is_made_of() -> None:
    found = Words("{count:,} events wait", count=12_345) + Words(
        ", the oldest for {oldest}", oldest=Words("{n} d", n=3)
    )

    assert found == "12,345 events wait, the oldest for 3 d"
    assert FRENCH.tell(found) == "12\u202f345 événements attendent, la plus ancienne depuis 3 j"
    assert FRENCH.tell(pickle.loads(pickle.dumps(found))) == FRENCH.tell(found)  # errors go between processes
    assert type(ENGLISH.tell(found)) is str
    assert FRENCH.tell("events wait") == "events wait"  # no sentence of ours: somebody's own
