"""`tells:` of the catalogue: what it compiles to, and what is said of each mistake."""

from __future__ import annotations

import pytest

from engine.define.catalog_kinds import catalog_kinds
from engine.define.source import read_yaml
from engine.model.catalog import MOVES, Tell
from engine.model.vocabulary import EventType, Type

TEXT, NUMBER = Type("text"), Type("number")
EVENTS = {
    "cheaper": EventType("cheaper", {"sku": TEXT, "price": NUMBER}),
    "watched": EventType("watched", {"sku": TEXT}),
    "joined": EventType("joined", {"sku": NUMBER}),
}
KIND = "catalog: {products: {key: sku, fields: {name: text, price: number}, tells: {%s}}}"


def told(tells: str) -> tuple[tuple[Tell, ...], list[str]]:
    doc = read_yaml("catalog.yaml", KIND % tells)
    kinds = catalog_kinds(doc, EVENTS)
    return kinds["products"].tells, [f"{each.message} {each.hint}".strip() for each in doc.problems]


def test_one_event_or_several_show_interest() -> None:
    assert told("cheaper: {when: price falls, interest: watched}") == (
        (Tell("cheaper", "price", "falls", ("watched",)),),
        [],
    )
    assert told("cheaper: {when: price  rises, interest: [watched, cheaper]}")[0][0].interest == ("watched", "cheaper")


@pytest.mark.parametrize(
    ("tells", "said"),
    [
        ("cheper: {when: price falls, interest: watched}", "no event 'cheper' is declared in the vocabulary. Did you"),
        ("cheaper: {when: price falls, interest: watchd}", "no event 'watchd' is declared in the vocabulary. Did you"),
        ("cheaper: {when: price falls, interest: [joined]}", "'joined' does not say which item it is about"),
        ("cheaper: {when: name falls, interest: watched}", "'name' is no field that is a number. Known: price."),
        ("cheaper: {when: price drops, interest: watched}", "'price drops' says no change. Write a field and one of"),
    ],
)
def test_each_mistake_is_told_and_tells_nothing(tells: str, said: str) -> None:
    found, problems = told(tells)
    assert found == ()
    assert [said in problem for problem in problems] == [True], problems


def test_how_a_number_may_change() -> None:
    steps = ((5, 3), (3, 5), (0, 2), (2, 0), (4, 4), (-1, 1))
    assert {name: [step for step in steps if did(*step)] for name, did in MOVES.items()} == {
        "falls": [(5, 3), (2, 0)],
        "rises": [(3, 5), (0, 2), (-1, 1)],
        "returns": [(0, 2), (-1, 1)],
        "ends": [(2, 0)],
    }
