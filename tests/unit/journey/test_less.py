"""What is taken out of an object's lists stays out, in whatever order the events come."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from engine.define.workspace import compile_sources, vocabulary_of
from engine.journey.apply import apply_event
from engine.model.event import Event
from engine.model.profile import Profile
from tests.story import workspace
from tests.unit.journey.hand import NOTE
from tests.unit.journey.world import copy

ORDERS = """
vocabulary:
  events:
    booked: {properties: {booking_id: text}}
    ordered: {properties: {order_id: text, total: number, lines: [{sku: text, price: number}], tags: [text]}}
    returned: {properties: {order_id: text, lines: [{sku: text}]}}
  objects:
    order: {id: order_id, from: ordered, less: returned, item: sku}
"""
VOCABULARY = vocabulary_of({"journeys/vocabulary.yaml": ORDERS})
BOTH = [{"sku": "boots", "price": 129.0}, {"sku": "socks", "price": 12.5}]


def event(name: str, at: int, **properties: Any) -> Event:
    return Event(
        id=f"{name}{at}", name=name, profile={}, at=at, received=at, properties={"order_id": "o1", **properties}
    )


ORDERED = event("ordered", 5, lines=BOTH, tags=["new"], total=141.5)


@pytest.mark.parametrize(
    ("returns", "left"),
    [
        ([event("returned", 6, lines=[{"sku": "boots"}])], ["socks"]),
        ([event("returned", 6, lines=[{"sku": "boots"}]), event("returned", 7, lines=[{"sku": "socks"}])], []),
        ([event("returned", 6, lines=[{"sku": "hat"}])], ["boots", "socks"]),
        ([event("returned", 6)], []),
        ([event("returned", 4, lines=[{"sku": "socks"}, {"sku": "socks"}])], ["boots"]),
        (
            [
                event("returned", 6, lines=[{"sku": "boots"}]),
                event("ordered", 7, lines=BOTH, tags=["new"], total=141.5),
            ],
            ["socks"],
        ),
    ],
)
def test_what_is_left_does_not_depend_on_the_order_of_arrival(returns: list[Event], left: list[str]) -> None:
    for order in permutations([ORDERED, *returns]):
        profile = Profile(id="c", label="c")
        for each in order:
            apply_event(profile, VOCABULARY, each)
        data = copy(profile).objects["order"]["o1"].data
        assert [line["sku"] for line in data["lines"]] == left
        assert (data["total"], data["tags"]) == (141.5, ["new"])


def test_a_list_that_nobody_told_stays_unknown_unless_everything_is_out() -> None:
    for given, known in (({"lines": [{"sku": "boots"}]}, {}), ({}, {"lines": []})):
        profile = Profile(id="c", label="c")
        apply_event(profile, VOCABULARY, event("returned", 1, **given))
        assert profile.objects["order"]["o1"].data == known


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("less: returned}", "'less' and 'item' belong together."),
        ("item: sku}", "'less' and 'item' belong together."),
        ("less: returned, item: code}", "no list of 'order' has items with a 'code'."),
        ("less: retuned, item: sku}", "no event 'retuned' is declared. Did you mean 'returned'?"),
        ("less: booked, item: sku}", "'booked' has no property 'order_id'."),
    ],
)
def test_what_cannot_be_meant_is_a_problem(wrong: str, problem: str) -> None:
    text = ORDERS.replace("less: returned, item: sku}", wrong)
    found = compile_sources(workspace(NOTE.replace("goal: order_placed\n", ""), vocabulary=text)).problems
    assert [
        str(each).partition(": ")[2].removesuffix(" For example less: return_started, item: sku.") for each in found
    ] == [problem]
