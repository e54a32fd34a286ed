"""Scopes as nobody would make them: wrong types everywhere, next to enough right ones that conditions can hold."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.model.condition import Scope
from engine.model.profile import Past
from tests.unit.define.condition.oracle import WORDS
from tests.unit.define.condition.world import NOW

HOUR = 3_600_000

PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 5, 2.5, 5.0, NOW, 10**400, -(10**400), 1e308, -0.0]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
    st.sampled_from([*WORDS, "1990-05-01", "2026-13-99", "", "golden", "\ud800", "x" * 300, "true", "no"]),
    st.text(max_size=3),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "city", "category", "qty"]), inner, max_size=3),
        st.just({1, 2}),
    ),
    max_leaves=5,
)


def groups(*keys: str, **special: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly a mapping with some of these keys; now and then something else altogether."""
    some = st.fixed_dictionaries({}, optional={**dict.fromkeys(keys, VALUES), **special})
    return st.one_of(some, some, some, some, PLAIN, st.lists(PLAIN, max_size=2))


ORDER = groups("total", "category", "gift", "at")
LINE = groups("category", "qty")
PASTS = st.builds(
    Past,
    id=st.sampled_from(["a", "b", "c"]),
    at=st.sampled_from([NOW - hours * HOUR for hours in (30, 24, 23, 2, 1, 0, -1)]),
    data=ORDER,
)


@st.composite
def histories(draw: st.DrawFn) -> Any:
    past: list[Any] = sorted(draw(st.lists(PASTS, max_size=5)), key=lambda one: one.at)
    for position in draw(st.just([]) | st.lists(st.integers(0, 5), max_size=2)):
        past.insert(position, draw(VALUES))
    return {"order_placed": draw(st.sampled_from([past, past, past, None, 5, "abc", {"a": 1}]))}


def scopes() -> st.SearchStrategy[Scope]:
    return st.builds(
        Scope,
        now=st.just(NOW),
        customer=groups("tier", "open_cases", "birthday", "subscribed"),
        event=groups("store", "total", "to", lines=st.lists(LINE, max_size=3), tags=st.lists(PLAIN, max_size=3)),
        start=groups("total"),
        context=groups("a", "b"),
        objects=groups(basket=groups("total")),
        history=st.one_of(histories(), histories(), histories(), PLAIN),
        segments=st.sampled_from([frozenset(), frozenset({"vip"}), None, 5]),
        marks=st.sampled_from([frozenset(), frozenset({"vip"}), ["x"]]),
        skip=st.sampled_from(["", "a"]),
    )
