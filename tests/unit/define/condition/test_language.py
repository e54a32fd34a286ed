"""What each form of the language means, asked of small scopes."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from tests.unit.define.condition.world import NOW, order, read, scope

GOLD = {"customer": {"tier": "gold", "open_cases": 2, "subscribed": True, "birthday": "1990-05-01", "card": "2901"}}
LINES = {"event": {"lines": [{"category": "boots", "qty": 2, "tags": ["new"]}, {"category": "care", "qty": 1}]}}

COMPARISONS: list[tuple[str, dict[str, Any], bool]] = [
    ("customer.tier is gold", GOLD, True),
    ("customer.tier is silver", GOLD, False),
    ("customer.tier is gold", {}, False),  # missing: never equal
    ("customer.tier is not silver", GOLD, True),
    ("customer.tier is not silver", {}, False),  # missing: never different either
    ("customer.tier is not silver", {"customer": {"tier": 3}}, False),  # nor is another kind of value
    ("not (customer.tier is silver)", {}, True),
    ("customer.open_cases > 1", GOLD, True),
    ("customer.open_cases >= 3", GOLD, False),
    ("customer.open_cases < 3", GOLD, True),
    ("customer.open_cases <= 2", GOLD, True),
    ("customer.open_cases <= 2", {}, False),
    ("customer.open_cases <= 2", {"customer": {"open_cases": "1"}}, False),  # text is no number
    ("customer.open_cases <= 2", {"customer": {"open_cases": True}}, False),  # nor is yes
    ("customer.open_cases >-5", GOLD, True),
    ("event.total is not 3", {"event": {"total": float("nan")}}, False),  # NaN is nothing
    ("event.total is not start.total", {"event": {"total": float("nan")}, "start": {"total": 3}}, False),
    ("event.total not in [3]", {"event": {"total": float("nan")}}, False),
    ("customer.tier is gold", {"customer": {"tier": ANY}}, False),  # equal to all, but no text
    ("customer.card is 2901", GOLD, True),  # the attribute is text, so the digits are text
    ("customer.card starts with 29", GOLD, True),
    ("customer.card contains 90", GOLD, True),
    ("customer.card contains 91", GOLD, False),
    ("customer.subscribed is yes", GOLD, True),
    ("customer.subscribed is true", GOLD, True),
    ("customer.subscribed is no", GOLD, False),
    ("customer.subscribed is no", {}, False),
    ("customer.tier is yes", {"customer": {"tier": "yes"}}, True),  # text beside text
    ("customer.birthday < 2000-01-01", GOLD, True),
    ("customer.birthday is 1990-05-01", GOLD, True),
    ("customer.birthday < 2000-01-01", {"customer": {"birthday": "01/05/1990"}}, False),  # not a date
    ("customer.since >= 2026-03-01", {"customer": {"since": NOW}}, True),
    ("customer.since >= 2026-03-03", {"customer": {"since": NOW}}, False),
    ('customer.since >= "2026-03-02T15:00:00+02:00"', {"customer": {"since": NOW}}, True),
    ("customer.birthday is known", GOLD, True),
    ("customer.birthday is unknown", {}, True),
    ("event.store in [lyon, paris]", {"event": {"store": "paris"}}, True),
    ("event.store in [lyon, paris]", {"event": {"store": "nice"}}, False),
    ("event.store not in [lyon, paris]", {"event": {"store": "nice"}}, True),
    ("event.store not in [lyon, paris]", {}, False),
    ("event.store in [customer.home_store]", {"event": {"store": "x"}, "customer": {"home_store": "x"}}, True),
    ("event.store not in [customer.home_store]", {"event": {"store": "x"}}, False),
    ("event.total in [1, 2.5]", {"event": {"total": 2.5}}, True),
    ("event.total in [1, 2.5]", {"event": {"total": True}}, False),
    ("customer.home_store is event.store", {"event": {"store": "x"}, "customer": {"home_store": "x"}}, True),
    ("customer.home_store is event.store", {}, False),  # two missing values are not equal
    ("event.store is a.b", {"event": {"store": "a.b"}}, True),  # no root: text
    ('event.store is "Saint Malo"', {"event": {"store": "Saint Malo"}}, True),
    ("event.store is 'say \"hi\"'", {"event": {"store": 'say "hi"'}}, True),
    ("event.store is any", {"event": {"store": "any"}}, True),  # keywords are words where a value stands
    ("event.to.city is Lyon", {"event": {"to": {"city": "Lyon"}}}, True),
    ("event.to.city is Lyon", {"event": {"to": "Lyon"}}, False),
    ("event.channel is web", {"event": {"channel": "web"}}, True),  # the envelope
    ("event.tags contains coffee", {"event": {"tags": ["tea", "coffee"]}}, True),
    ("event.sizes contains 1", {"event": {"sizes": [True, "1"]}}, False),
    ("event.tags contains customer.tier", {"event": {"tags": ["gold"]}, **GOLD}, True),
    ("basket.total >= 20", {"objects": {"basket": {"total": 20}}}, True),
    ("basket.total >= 20", {}, False),
    ("context.anything.at_all is 3", {"context": {"anything": {"at_all": 3}}}, True),
    ("context.x is 3", {"context": {"x": "3"}}, False),
    ("segment vip", {"segments": frozenset({"vip"})}, True),
    ("not segment vip", {"segments": frozenset({"vip"})}, False),
    ("mark loyal", {"marks": frozenset({"vip"})}, False),
    ("segment vip and mark vip", {"segments": frozenset({"vip"})}, False),
    ("segment vip or mark vip", {"segments": frozenset({"vip"})}, True),
    # `and` binds closer than `or`
    ("segment vip or mark vip and mark loyal", {"segments": frozenset({"vip"})}, True),
    ("(segment vip or mark vip) and mark loyal", {"segments": frozenset({"vip"})}, False),
    ("any event.lines where category is boots", LINES, True),
    ("any event.lines where (category is boots and qty > 2)", LINES, False),
    ("no event.lines where category is hats", LINES, True),
    ("no event.lines where category is hats", {}, False),  # no list, no answer
    ("no event.lines where category is hats", {"event": {"lines": []}}, True),
    ("any event.lines", {"event": {"lines": []}}, False),
    ("any event.lines", LINES, True),
    ("any event.lines where any tags where it is new", LINES, True),
    ("any event.lines where (no tags where it is new)", LINES, False),  # the second has no tags at all
    ("any event.lines where category is customer.tier", LINES, False),
    ("any event.tags where it is coffee", {"event": {"tags": ["coffee"]}}, True),
    ("any event.tags where it starts with cof", {"event": {"tags": [3, None, "coffee"]}}, True),
    ("any event.lines where category is boots", {"event": {"lines": ["boots", None, 3]}}, False),
]


@pytest.mark.parametrize(("text", "seen", "expected"), COMPARISONS)
def test_a_condition_means_what_it_says(text: str, seen: dict[str, Any], expected: bool) -> None:
    assert read(text).holds(scope(**seen)) is expected


ORDERS = (order(1, total=120, category="boots"), order(30, total=80, category="care"), order(100, total=300))
LOOK_BACKS: list[tuple[str, bool]] = [
    ("order_placed", True),
    ("basket_emptied", False),
    ("no basket_emptied in last 24h", True),
    ("no order_placed in last 59m", True),
    ("no order_placed in last 60m", True),  # (now - n, now]: exactly n ago is outside
    ("no order_placed in last 61m", False),
    ("order_placed at least 2 times in last 2d", True),
    ("order_placed at least 3 times in last 2 days", False),
    ("order_placed at least 3 times", True),
    ("order_placed at most 2 times in last 2d", True),
    ("order_placed at most 1 time in last 2d", False),
    ("order_placed exactly 2 times in last 2d", True),
    ("order_placed exactly 2 times", False),
    ("order_placed once in last 24h", True),
    ("order_placed once in last 2d", False),
    ("order_placed once", False),
    ("basket_emptied at most 1 time", True),
    ("basket_emptied exactly 1 time", False),
    ("order_placed where total > 100", True),
    ("order_placed where total > 100 at least 2 times in last 2d", False),
    ("order_placed where total > 100 exactly 2 times", True),
    ("order_placed where (total > 100 and category is boots) in last 2d", True),
    ("no order_placed where category is boots in last 2d", False),
    ("no order_placed where category is care in last 24h", True),
    ("order_placed where total > event.total in last 2d", True),
    ("order_placed where category is not boots once", True),  # the third says no category
    ("order_placed where at >= 2026-03-02 once", True),  # the envelope is remembered with the event
]


@pytest.mark.parametrize(("text", "expected"), LOOK_BACKS)
def test_a_look_back_counts_what_the_window_holds(text: str, expected: bool) -> None:
    for past in ORDERS:
        past.data["at"] = past.at
    assert read(text).holds(scope(*ORDERS, event={"total": 110})) is expected


def test_the_event_being_processed_is_left_out_unless_it_is_included() -> None:
    # given: the order of this very moment is already remembered
    seen = scope(order(0, id="now"), skip="now")
    # then
    assert read("no order_placed in last 24h").holds(seen)
    assert not read("no order_placed in last 24h including this").holds(seen)
    assert read("order_placed once including this").holds(seen)


def test_what_happens_after_now_is_not_counted() -> None:
    # given: an event with a later time than the one being decided
    seen = scope(order(-1), order(1))
    # then
    assert read("order_placed once in last 1d").holds(seen)
    assert read("order_placed once").holds(seen)


def test_a_long_history_is_walked_from_its_newest_event() -> None:
    # given: events that notice when somebody looks inside them
    looked: list[str] = []

    class Watched(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            looked.append(self["id"])
            return super().get(key, default)

    past = [order(hours, id=str(hours)) for hours in (60, 50, 4, 3, 2)]
    for each in past:
        each.data = Watched(id=each.id, total=500)
    # when
    assert read("order_placed where total > 100 at least 2 times in last 2d").holds(scope(*past))
    assert not read("order_placed where total > 900 in last 2d").holds(scope(*past))
    # then: the first question stopped at its second answer, the second one at the window's edge
    assert looked == ["2", "3", "2", "3", "4"]
