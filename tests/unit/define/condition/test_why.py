"""A condition says in one line what it saw, and what it needed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.define.condition.world import NOW, order, read, scope

SEEN: dict[str, Any] = {
    "event": {"store": "nice", "tags": ["tea"], "lines": [{"category": "care"}, {"category": "boots"}]},
    "customer": {"tier": "silver", "home_store": "lyon", "open_cases": 2, "birthday": "1990-05-01", "since": NOW},
    "objects": {"basket": {"total": 12}},
    "segments": frozenset({"vip"}),
}
ORDERS = (order(1, total=120), order(3, total=80))

REASONS = [
    ("basket.total >= 20", "basket.total is 12 (needs >= 20)"),
    ("basket.total >= 10", "basket.total is 12 (>= 10)"),
    ("customer.tier is gold", "customer.tier is silver (needs gold)"),
    ("customer.tier is silver", "customer.tier is silver"),
    ("customer.tier is not silver", "customer.tier is silver (needs not silver)"),
    ("customer.card is 5", 'customer.card is unknown (needs "5")'),
    ("customer.home_store is event.store", "customer.home_store is lyon (needs event.store, which is nice)"),
    ("event.store in [lyon, paris]", "event.store is nice (needs lyon or paris)"),
    ("event.store not in [lyon, nice]", "event.store is nice (needs none of lyon, nice)"),
    ("event.store not in [lyon, paris]", "event.store is nice (none of lyon, paris)"),
    ("customer.card is known", "customer.card is unknown (needs to be known)"),
    ("customer.birthday is unknown", "customer.birthday is 1990-05-01 (needs to be unknown)"),
    ("customer.since < 2026-03-01", "customer.since is 2026-03-02 14:00 UTC (needs < 2026-03-01 00:00 UTC)"),
    ("event.tags contains coffee", "event.tags is a list of 1 (needs contains coffee)"),
    ("segment vip", "in segment vip"),
    ("not segment vip", "in segment vip (needs not)"),
    ("segment lapsed", "not in segment lapsed (needs it)"),
    ("mark loyal", "has no mark loyal (needs it)"),
    ("no order_placed in last 24h", "order_placed happened 2 times in last 24h (needs none)"),
    ("no order_placed in last 2h", "order_placed happened 1 time in last 2h (needs none)"),
    ("order_placed at least 3 times in last 7d", "order_placed happened 2 times in last 7d (needs at least 3)"),
    ("order_placed where total > 100 in last 7d", "order_placed where total > 100 happened 1 time in last 7d"),
    ("basket_emptied", "basket_emptied did not happen (needs at least 1)"),
    ("no basket_emptied in last 90m", "basket_emptied did not happen in last 90m"),
    ("not (order_placed)", "order_placed happened 2 times (needs not at least 1)"),
    ("any event.lines where category is hats", "none of the 2 event.lines has category is hats"),
    ("any event.lines where category is boots", "event.lines 2 of 2: category is boots"),
    ("no event.lines where category is boots", "event.lines 2 of 2: category is boots (needs none)"),
    ("no event.lines where category is hats", "none of the 2 event.lines has category is hats"),
    ("any start.tags where it is x", "start.tags is unknown (needs a list)"),
    # of `and` the first part that failed, of `or` all of them; when it holds, what made it hold
    ("segment vip and basket.total > 20 and mark vip", "basket.total is 12 (needs > 20)"),
    ("segment lapsed or basket.total > 20", "not in segment lapsed (needs it) and basket.total is 12 (needs > 20)"),
    ("segment lapsed or segment vip", "in segment vip"),
    ("segment vip and basket.total > 10", "in segment vip and basket.total is 12 (> 10)"),
    ("not (segment vip and basket.total > 10)", "in segment vip (needs not) and basket.total is 12 (needs not > 10)"),
    ("not (segment vip and basket.total > 20)", "basket.total is 12"),
]


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_why_says_what_was_seen(text: str, reason: str) -> None:
    assert read(text).why(scope(*ORDERS, **SEEN)) == reason


def test_why_keeps_to_one_short_line_whatever_it_sees() -> None:
    # given: values nobody should print in full
    condition = read("context.x is gold")
    values: list[tuple[Any, str]] = [
        ("a\nb", 'context.x is "a b" (needs gold)'),
        ("z" * 500, f"context.x is {'z' * 57}... (needs gold)"),
        (10**5000, "context.x is a huge number (needs gold)"),
        ([1] * 500, "context.x is a list of 500 (needs gold)"),
        ({"a": 1}, "context.x is a group of properties (needs gold)"),
        (object(), "context.x is something unreadable (needs gold)"),
        ("unknown", 'context.x is "unknown" (needs gold)'),
        (float("nan"), "context.x is nan (needs gold)"),
        (True, "context.x is yes (needs gold)"),
    ]
    # then
    for value, said in values:
        assert condition.why(scope(context={"x": value})) == said
