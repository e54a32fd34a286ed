"""Conditions that are found by what they read say what they say when each is asked, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.index import indexed, prepared
from engine.define.condition.compile import compile_node
from engine.model.condition import Compare, Happened, Literal, Node, Path, Scope
from engine.model.profile import Past
from engine.model.span import DAY

NOW = 1_772_460_000_000
POINTS, SHELF = Path("customer", ("points",)), Path("", ("shelf",))


def _nodes() -> list[Node]:
    limits = [Compare(POINTS, op, Literal(n)) for op in (">=", ">", "<", "<=") for n in (50, -1.5, 50.5, 2**60, 0)]
    words = [Compare(Path(*of), "is", Literal(word)) for of in _TEXTS for word in ("a", "b", "", "50")]
    lately = [
        Happened("bought", Compare(SHELF, "is", Literal(word)), op, count, window, including, since)
        for window, including, since in _WINDOWS
        for word in ("a", "b", "z")
        for op, count in ((">=", 1), ("<=", 0), ("is", 2))
    ]
    single = [Compare(POINTS, "is", Literal(50)), Compare(POINTS, "is", Literal(True))]
    return [*limits, *words, *lately, *single]


_TEXTS = (("customer", ("tier",)), ("context", ("intent",)))
_WINDOWS = ((None, False, None), (30 * DAY, True, None), (30 * DAY, False, None), (30 * DAY, False, NOW - 40 * DAY))
NODES = _nodes()
HOLDS = [compile_node(node, "of a test") for node in NODES]
INDEXES, NUMBERS = indexed(NODES)

values: st.SearchStrategy[Any] = st.sampled_from(
    [50, 50.0, 50.5, -2, 2**60, 2**60 + 1, float("nan"), float("inf"), True, "a", "50", None, []]
)
properties = st.dictionaries(st.sampled_from(["points", "tier", "intent", "shelf"]), values | st.sampled_from("ab"))
past = st.lists(
    st.tuples(st.sampled_from([-41, -30, -29, -1, 0, 1]), st.sampled_from(["this", "that"]), properties), max_size=5
).map(lambda found: [Past(name, NOW + day * DAY, data) for day, name, data in sorted(found, key=lambda each: each[0])])
odd: st.SearchStrategy[Any] = st.sampled_from([None, [], "x", {"bought": None}, {"bought": [None]}, {"bought": 3}])


@pytest.mark.slow
@settings(max_examples=60)
@given(
    properties | odd,
    properties | odd,
    st.fixed_dictionaries({}, optional={"bought": past}) | odd,
    st.sampled_from([NOW, NOW - 15 * DAY, NOW + 15 * DAY]),
)
def test_an_index_says_what_each_of_its_conditions_says(customer: Any, context: Any, history: Any, now: int) -> None:
    scope = Scope(now=now, customer=customer, context=context, history=history, skip="this")

    said = prepared(INDEXES, scope, len(NODES))

    for place, holds in enumerate(HOLDS):
        assert said[NUMBERS[place]] in (None, holds(scope)), NODES[place]


def test_of_a_scope_as_it_should_be_only_what_has_no_index_is_asked() -> None:
    bought = [Past("this", NOW - DAY, {"shelf": "a"}), Past("that", NOW, {"shelf": 3})]
    scope = Scope(now=NOW, customer={"points": 50}, history={"bought": bought})

    said = prepared(INDEXES, scope, len(NODES))

    asked = [NODES[place] for place, number in NUMBERS.items() if said[number] is None]
    assert asked == NODES[-2:]


def test_each_condition_has_its_number() -> None:
    assert sorted(NUMBERS.values()) == list(range(len(NODES)))
