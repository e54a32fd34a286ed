"""Random conditions, each as text and, independently of the engine, as the plain Python that it means.

The tests are written naively and share nothing with the engine's parser, compiler or walk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from engine.model.condition import Scope
from engine.model.profile import Past
from tests.unit.define.condition.world import NOW

Test = Callable[[Scope, Any], bool]
HOUR = 3_600_000
WORDS = ["gold", "silver", "5", "yes", "Saint Malo", "2026-03-01"]


@dataclass
class Said:
    """A condition as text and as what it means, asked of a scope and the item looked at."""

    text: str
    test: Test


@dataclass
class Left:
    """Something on the left, or a path on the right: how it is written, how it is read, its type."""

    text: str
    read: Callable[[Scope, Any], Any]
    type: str


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "" if value != value else "number"
    return "text" if isinstance(value, str) else ""


def follow(value: Any, names: list[str]) -> Any:
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value


def rooted(text: str, type_: str) -> Left:
    root, *names = text.split(".")
    if root == "basket":
        return Left(text, lambda s, _: follow(s.objects, ["basket", *names]), type_)
    return Left(text, lambda s, _: follow(getattr(s, root), names), type_)


def bare(text: str, type_: str) -> Left:
    return Left(text, lambda _, item: follow(item, [text]), type_)


ROOTED = [
    rooted(text, type_)
    for text, type_ in [
        ("customer.tier", "text"),
        ("customer.open_cases", "number"),
        ("customer.birthday", "date"),
        ("customer.subscribed", "yes_no"),
        ("event.store", "text"),
        ("event.total", "number"),
        ("event.to.city", "text"),
        ("start.total", "number"),
        ("basket.total", "number"),
        ("context.a", "any"),
        ("context.a.b", "any"),
    ]
]
IN_ORDER = [bare("total", "number"), bare("category", "text"), bare("gift", "yes_no"), bare("at", "instant")]
IN_LINE = [bare("category", "text"), bare("qty", "number")]
IT = [Left("it", lambda _, item: item, "text")]


def equal(a: Any, b: Any) -> bool:
    return kind(a) != "" and kind(a) == kind(b) and bool(a == b)


def different(a: Any, b: Any) -> bool:
    return kind(a) != "" and kind(a) == kind(b) and bool(a != b)


def is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-" and value[:4].isdigit()


def ordered(op: str, a: Any, b: Any) -> bool:
    if not (kind(a) == kind(b) == "number" or (is_date(a) and is_date(b))):
        return False
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op])


def written(type_: str) -> st.SearchStrategy[tuple[str, Any]]:
    """A value beside a left side of this type: as written, and as meant."""
    if type_ == "number":
        return st.sampled_from([("5", 5), ("2.5", 2.5), ("-1", -1), ("0", 0), ("1", 1)])
    if type_ == "date":
        return st.sampled_from([("2026-03-01", "2026-03-01"), ("1990-05-01", "1990-05-01")])
    if type_ == "yes_no":
        return st.sampled_from([("yes", True), ("no", False), ("true", True), ("false", False)])
    if type_ == "instant":
        return st.sampled_from([("2026-03-02", NOW - 14 * HOUR), (str(NOW), NOW)])
    if type_ == "any":
        return st.sampled_from([("5", 5), ("gold", "gold"), ("yes", "yes"), ('"5"', "5"), ("2026-03-01", "2026-03-01")])
    return st.sampled_from([(f'"{word}"' if " " in word else word, word) for word in WORDS])


@st.composite
def comparisons(draw: st.DrawFn, lefts: list[Left]) -> Said:
    left = draw(st.sampled_from(lefts))
    forms = ["is", "is not", "in", "not in", "is known", "is unknown", "path"]
    forms += ["<", "<=", ">", ">="] if left.type in ("number", "date", "instant") else []
    forms += ["contains", "starts with"] if left.type == "text" else []
    form = draw(st.sampled_from(forms))
    if form in ("is known", "is unknown"):
        return Said(f"{left.text} {form}", lambda s, i: (left.read(s, i) is None) == (form == "is unknown"))
    if form in ("in", "not in"):
        several = draw(st.lists(written(left.type), min_size=1, max_size=3))
        text = f"{left.text} {form} [{', '.join(one for one, _ in several)}]"
        if form == "in":
            return Said(text, lambda s, i: any(equal(left.read(s, i), value) for _, value in several))
        return Said(text, lambda s, i: all(different(left.read(s, i), value) for _, value in several))
    op = draw(
        st.sampled_from([each for each in forms if each not in ("path", "in", "not in", "is known", "is unknown")])
    )
    other = [each for each in ROOTED if each.type == left.type or (each.type == "any" and op in ("is", "is not"))]
    if form == "path" and other:
        right = draw(st.sampled_from(other))
        return Said(f"{left.text} {op} {right.text}", lambda s, i: apply(op, left.read(s, i), right.read(s, i)))
    word, value = draw(written(left.type))
    return Said(f"{left.text} {op} {word}", lambda s, i: apply(op, left.read(s, i), value))


def apply(op: str, a: Any, b: Any) -> bool:
    if op == "is":
        return equal(a, b)
    if op == "is not":
        return different(a, b)
    if op == "contains":
        if isinstance(a, list):
            return any(equal(one, b) for one in a)
        return isinstance(a, str) and isinstance(b, str) and b in a
    if op == "starts with":
        return isinstance(a, str) and isinstance(b, str) and a[: len(b)] == b
    return ordered(op, a, b)


def wheres(lefts: list[Left]) -> st.SearchStrategy[Said]:
    """One comparison, or several in parentheses."""
    plain = comparisons(lefts + ROOTED)
    several = st.tuples(st.sampled_from(["and", "or"]), plain, plain).map(
        lambda x: Said(f"({joined(x[0], [x[1], x[2]]).text})", joined(x[0], [x[1], x[2]]).test)
    )
    negated = several.map(lambda said: Said(f"not {said.text}", lambda s, i: not said.test(s, i)))
    return st.one_of(plain, plain, several, negated)


def joined(op: str, parts: list[Said]) -> Said:
    decide = all if op == "and" else any
    return Said(f" {op} ".join(part.text for part in parts), lambda s, i: decide(part.test(s, i) for part in parts))


@st.composite
def any_items(draw: st.DrawFn) -> Said:
    path, lefts = draw(st.sampled_from([("event.lines", IN_LINE), ("event.tags", IT), ("context.a", IN_LINE)]))
    word = draw(st.sampled_from(["any", "no"]))
    where = draw(wheres(lefts))
    source = rooted(path, "list")

    def test(scope: Scope, item: Any) -> bool:
        every = source.read(scope, item)
        return isinstance(every, list) and any(where.test(scope, one) for one in every) == (word == "any")

    return Said(f"{word} {path} where {where.text}", test)


@st.composite
def look_backs(draw: st.DrawFn) -> Said:
    where = draw(st.none() | wheres(IN_ORDER))
    hours = draw(st.none() | st.sampled_from([1, 2, 24]))
    including = draw(st.booleans())
    count = draw(st.integers(1, 3))
    form = draw(st.sampled_from(["", "no", "once", "at least", "at most", "exactly"]))
    text = ("no " if form == "no" else "") + "order_placed" + (f" where {where.text}" if where else "")
    text += f" {form} {count} times" if form[:2] in ("at", "ex") else " once" if form == "once" else ""
    text += (f" in last {hours}h" if hours else "") + (" including this" if including else "")

    def test(scope: Scope, _: Any) -> bool:
        past = scope.history.get("order_placed") if isinstance(scope.history, dict) else None
        n = 0
        for one in past if isinstance(past, list) else []:
            if not isinstance(one, Past) or one.at > NOW or (hours and one.at <= NOW - hours * HOUR):
                continue
            n += (including or one.id != scope.skip) and (where is None or where.test(scope, one.data))
        lower = {"": 1, "no": 0, "once": 1, "at least": count, "at most": 0, "exactly": count}[form]
        upper = {"": 99, "no": 0, "once": 1, "at least": 99, "at most": count, "exactly": count}[form]
        return lower <= n <= upper

    return Said(text, test)


def names() -> st.SearchStrategy[Said]:
    def said(choice: tuple[str, str, bool]) -> Said:
        what, name, positive = choice

        def test(scope: Scope, _: Any) -> bool:
            group = scope.segments if what == "segment" else scope.marks
            return (isinstance(group, frozenset) and name in group) == positive

        return Said(f"{'' if positive else 'not '}{what} {name}", test)

    return st.tuples(st.sampled_from(["segment", "mark"]), st.just("vip"), st.booleans()).map(said)


def conditions() -> st.SearchStrategy[Said]:
    """Whole conditions: trees of and, or, not over everything above."""

    def grow(children: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
        bracketed = children.map(lambda said: Said(f"({said.text})", said.test))
        parts = st.lists(bracketed, min_size=2, max_size=3)
        negated = bracketed.map(lambda said: Said(f"not {said.text}", lambda s, i: not said.test(s, i)))
        return st.one_of(
            parts.map(lambda all_: joined("and", all_)), parts.map(lambda all_: joined("or", all_)), negated
        )

    return st.recursive(st.one_of(comparisons(ROOTED), any_items(), look_backs(), names()), grow, max_leaves=6)
