"""Conditions found by the facts they read: of many that ask the same value one look answers all.

A thousand actions for those with so many points, or for who bought of one shelf lately, ask for one number or one
walk through the past, and then differ by a constant. What is indexed is answered as the compiled conditions answer,
or not at all: who asks then asks the condition.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.model.condition import Compare, Happened, Literal, Node, Path, Scope

Said = list[bool | None]
# With fewer that ask the same nothing is gained.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """`customer.points >= n` for many n: `limits` in order, and the numbers of those that ask for them."""

    root: str
    name: str
    op: str
    limits: tuple[float, ...]
    numbers: slice

    def say(self, scope: Scope, said: Said) -> None:
        value = _of(scope, self.root).get(self.name)
        many = len(self.limits)
        if (type(value) is not int and type(value) is not float) or value != value:
            said[self.numbers] = [False] * many
            return
        # in order: the smaller ones are exceeded, the greater ones are not
        met = bisect_right if self.op in (">=", "<") else bisect_left
        below = met(self.limits, value)
        exceeded = self.op in (">=", ">")
        said[self.numbers] = [exceeded] * below + [not exceeded] * (many - below)


@dataclass(frozen=True, slots=True)
class Words:
    """`customer.tier is x` for many x: `by_word` says at which place each is asked for."""

    root: str
    name: str
    by_word: Mapping[str, int]
    numbers: slice

    def say(self, scope: Scope, said: Said) -> None:
        value = _of(scope, self.root).get(self.name)
        said[self.numbers] = [False] * len(self.by_word)
        if type(value) is str and value in self.by_word:
            said[self.numbers.start + self.by_word[value]] = True


@dataclass(frozen=True, slots=True)
class Lately:
    """`bought where shelf is x in last 30d`, or `no bought ...`, for many x. `asked` has for each its place, its `op`
    and how often; `never` is what each says of who never did; `like` is one of them."""

    like: Happened
    name: str
    asked: Mapping[str, tuple[tuple[int, str, int], ...]]
    never: tuple[bool, ...]
    numbers: slice

    def say(self, scope: Scope, said: Said) -> None:
        like, now = self.like, scope.now
        if like.uncovered(now):
            said[self.numbers] = [False] * len(self.never)
            return
        past = scope.history.get(like.event) or ()
        after = now - like.window if like.window is not None else None
        counts: dict[str, int] = {}
        for each in reversed(past):
            if after is not None and each.at <= after:
                break
            if each.at <= now and (like.including or each.id != scope.skip):
                value = each.data.get(self.name)
                if type(value) is str:
                    counts[value] = counts.get(value, 0) + 1
        said[self.numbers] = self.never
        for value, count in counts.items():
            for place, op, often in self.asked.get(value, ()):
                said[self.numbers.start + place] = _fits(count, op, often)


Index = Limits | Words | Lately


def _of(scope: Scope, root: str) -> Mapping[str, Any]:
    return scope.customer if root == "customer" else scope.context


def _fits(count: int, op: str, often: int) -> bool:
    return count >= often if op == ">=" else count <= often if op == "<=" else count == often


def prepared(indexes: Iterable[Index], scope: Scope, many: int) -> Said:
    """What the indexes say of `many` conditions, by number; None where the condition has to be asked."""
    said: Said = [None] * many
    for each in indexes:
        try:
            each.say(scope, said)
        except Exception:  # a scope that is none: the conditions say what they say then
            said[each.numbers] = [None] * (each.numbers.stop - each.numbers.start)
    return said


def indexed(nodes: Sequence[Node]) -> tuple[list[Index], dict[int, int]]:
    """The indexes of conditions, and a number for each of these (by its place): those of an index stand together."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, node in enumerate(nodes):
        groups[_group(node)].append(place)
    found: list[Index] = []
    numbers: dict[int, int] = {}
    for key, places in groups.items():
        first = len(numbers)
        if key and len(places) >= FEWEST:
            made, places = _index(key, places, nodes, first)
            found.append(made)
        numbers.update((place, first + at) for at, place in enumerate(places))
    return found, numbers


def _group(node: Node) -> tuple[object, ...]:
    """What conditions have in common that one index answers; () for those that none does."""
    match node:
        case Compare(Path("customer" | "context" as root, (name,)), "is", Literal(str())):
            return "words", root, name
        case Compare(Path("customer" | "context" as root, (name,)), ">=" | ">" | "<" | "<=" as op, Literal(value)):
            return ("limits", root, name, op) if type(value) in (int, float) and value == value else ()
        case Happened(event, Compare(Path("", (name,)), "is", Literal(str())), window=window):
            return "lately", event, name, window, node.including, node.since
    return ()


def _index(key: tuple[Any, ...], places: list[int], nodes: Sequence[Node], first: int) -> tuple[Index, list[int]]:
    numbers = slice(first, first + len(places))
    if key[0] == "limits":
        limits = {place: _value(nodes[place]) for place in places}
        places = sorted(places, key=lambda place: limits[place])
        return Limits(key[1], key[2], key[3], tuple(limits[place] for place in places), numbers), places
    if key[0] == "words":
        return Words(key[1], key[2], {_value(nodes[place]): at for at, place in enumerate(places)}, numbers), places
    asked: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    never = []
    for at, place in enumerate(places):
        node = nodes[place]
        assert isinstance(node, Happened)
        assert node.where is not None
        asked[_value(node.where)].append((at, node.op, node.count))
        never.append(_fits(0, node.op, node.count))
    like = nodes[places[0]]
    assert isinstance(like, Happened)
    by_value = {value: tuple(each) for value, each in asked.items()}
    return Lately(like, key[2], by_value, tuple(never), numbers), places


def _value(node: Node) -> Any:
    assert isinstance(node, Compare)
    assert isinstance(node.right, Literal)
    return node.right.value
