"""The vocabulary and the scope that the tests of conditions speak about."""

from __future__ import annotations

from typing import Any

from engine.define.condition import Names, parse_condition
from engine.model.condition import Condition, Scope
from engine.model.problem import Place
from engine.model.profile import Past
from engine.model.span import DAY, HOUR
from engine.model.vocabulary import EventType, Type

TEXT, NUMBER, DATE, YES_NO = Type("text"), Type("number"), Type("date"), Type("yes_no")
INTEGER, INSTANT = Type("integer"), Type("instant")
LINES = Type("list", of=Type("item", fields={"category": TEXT, "qty": INTEGER, "tags": Type("list", of=TEXT)}))
ORDER = {"total": NUMBER, "category": TEXT, "basket_id": TEXT, "lines": LINES, "gift": YES_NO}
EVENT = {"total": NUMBER, "store": TEXT, "category": TEXT, "basket_id": TEXT, "lines": LINES, "open": Type("list")}
EVENT |= {"tags": Type("list", of=TEXT), "sizes": Type("list", of=NUMBER), "to": Type("item", fields={"city": TEXT})}
CUSTOMER = {"tier": TEXT, "card": TEXT, "home_store": TEXT, "birthday": DATE, "subscribed": YES_NO, "since": INSTANT}
CUSTOMER |= {"open_cases": INTEGER, "points": NUMBER}

NAMES = Names(
    roots={
        "reach": {"marketing": Type("list", of=Type("text", one_of=("email", "sms")))},
        "event": EVENT,
        "start": {"basket_id": TEXT, "total": NUMBER, "tags": Type("list", of=TEXT)},
        "customer": CUSTOMER,
        "context": None,
        "basket": {"total": NUMBER, "basket_id": TEXT},
    },
    events={
        "order_placed": EventType("order_placed", ORDER, place=Place("vocabulary.yaml", 12, 3)),
        "basket_emptied": EventType("basket_emptied", {"basket_id": TEXT}),
        "short_lived": EventType("short_lived", {}, keep=7 * DAY, place=Place("vocabulary.yaml", 30, 3)),
    },
    segments=frozenset({"vip", "lapsed"}),
    marks=frozenset({"vip", "loyal"}),
)
PLACE = Place("journeys/a.yaml", 5, 10)
NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC


def order(hours_ago: float, id: str = "", **data: Any) -> Past:
    """An order some hours before NOW."""
    return Past(id or f"o{hours_ago}", NOW - int(hours_ago * HOUR), data)


def scope(*orders: Past, **seen: Any) -> Scope:
    """A scope at NOW with these orders in its history, oldest first."""
    history = {"order_placed": sorted(orders, key=lambda past: past.at)} if orders else {}
    return Scope(now=NOW, history=history, **seen)


def read(text: str) -> Condition:
    """A condition that must be readable."""
    condition, problems = parse_condition(text, PLACE, NAMES)
    assert condition is not None, [str(problem) for problem in problems]
    assert not problems
    return condition
