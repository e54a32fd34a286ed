"""Lines of `goal`, `stop_if` and `where:`: an event that happens, told apart from a question about the past."""

from __future__ import annotations

import pytest

from engine.define.condition import parse_match, parse_where
from engine.model.problem import Place
from tests.unit.define.condition.world import NAMES, PLACE, order, scope


def test_an_event_alone_is_a_match() -> None:
    match, problems = parse_match("order_placed", PLACE, NAMES)
    assert match is not None, problems
    assert (match.event, match.where, match.condition) == ("order_placed", None, None)


def test_an_event_with_a_where_is_a_match_that_looks_at_the_event() -> None:
    # given
    match, _ = parse_match("basket_emptied where basket_id is start.basket_id", PLACE, NAMES)
    # then
    assert match is not None
    assert match.event == "basket_emptied"
    where = match.where
    assert where is not None
    assert (where.text, where.place) == ("basket_id is start.basket_id", Place(PLACE.file, 5, 31))
    assert where.holds(scope(event={"basket_id": "b1"}, start={"basket_id": "b1"}))
    assert not where.holds(scope(event={"basket_id": "b2"}, start={"basket_id": "b1"}))


def test_several_comparisons_of_a_match_stand_in_parentheses() -> None:
    match, _ = parse_match("order_placed where (total > 20 and event.category is boots)", PLACE, NAMES)
    assert match is not None
    assert match.where is not None
    assert match.where.text == "(total > 20 and event.category is boots)"
    assert match.where.holds(scope(event={"total": 30, "category": "boots"}))


@pytest.mark.parametrize(
    "text", ["customer.open_cases > 0", "no order_placed in last 24h", "order_placed once", "mark vip"]
)
def test_anything_else_is_a_condition_on_the_state(text: str) -> None:
    match, problems = parse_match(text, PLACE, NAMES)
    assert match is not None, problems
    assert match.event == ""
    assert match.condition is not None
    assert match.condition.text == text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("order_placed or basket_emptied", "'order_placed' must have a line of its own here"),
        ("(order_placed)", "'order_placed' must have a line of its own here"),
        ("order_placed where total > 3 and customer.tier is gold", "'order_placed' must have a line of its own here"),
        ("order_place", "no event 'order_place' is declared in the vocabulary"),
        ("order_placed where totl > 3", "order_placed has no property 'totl'"),
        ("order_placed where", "the condition ends too early"),
    ],
)
def test_a_line_that_would_be_misread_is_refused(text: str, answer: str) -> None:
    match, problems = parse_match(text, PLACE, NAMES)
    assert match is None
    assert problems[0].message.startswith(answer)


def test_the_where_of_a_wait_joins_freely_and_reads_the_event() -> None:
    # given
    text = "basket_id is start.basket_id and event.total > 20 or segment vip"
    where, problems = parse_where(text, PLACE, NAMES, "order_placed")
    # then
    assert where is not None, problems
    seen = {"event": {"basket_id": "b1", "total": 30}, "start": {"basket_id": "b1"}}
    assert where.holds(scope(**seen))
    assert where.why(scope(**seen)) == "basket_id is b1 and event.total is 30 (> 20)"
    assert not where.holds(scope(order(1), event={"basket_id": "b1", "total": 3}, start={"basket_id": "b1"}))


@pytest.mark.parametrize(
    ("text", "event", "answer"),
    [
        ("basket_idd is x", "order_placed", "order_placed has no property 'basket_idd'"),
        ("event.store is x", "order_placed", "event has no property 'store'"),  # not the event before it
        ("no basket_emptied in last 3d", "order_placed", "'basket_emptied' says nothing here: a look-back"),
        ("total > 3", "order_plced", "no event 'order_plced' is declared in the vocabulary"),
    ],
)
def test_a_where_knows_only_the_event_it_waits_for(text: str, event: str, answer: str) -> None:
    where, problems = parse_where(text, PLACE, NAMES, event)
    assert where is None
    assert problems[0].message.startswith(answer)
