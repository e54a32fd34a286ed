"""From the parse tree to the condition's tree, checked against what may be named here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lark import Token, Tree

from engine.define.condition import types
from engine.define.condition.fault import Fault, at
from engine.define.condition.lookback import event_named, read_times, read_window
from engine.define.condition.names import Item, Names, event_item, find, list_item, nearest, spoken
from engine.model.condition import (
    Among,
    Anniversary,
    AnyItem,
    Both,
    Compare,
    Happened,
    Known,
    Literal,
    Named,
    Negation,
    Node,
    Path,
)
from engine.model.vocabulary import Type

DEEPEST = 30
_FOREIGN = {"==": "is", "=": "is", "!=": "is not", "<>": "is not", "=>": ">=", "=<": "<="}
_INSIDE = "a look-back cannot stand inside a 'where'"
_NOT = "'not' stands before parentheses, a segment or a mark"


class Builder:
    """Builds one condition. Faults go to `report`, and building goes on to find more of them.

    `match`: this is a line of `goal` or `stop_if`, where an event beside `and` or `or` would be misread.
    """

    def __init__(self, names: Names, report: Callable[[Fault], None], *, match: bool = False) -> None:
        self.names = names
        self.report = report
        self.match = match
        self.depth = 0
        self.after_where = False

    def build(self, tree: Any, item: Item | None) -> Node | None:
        """The node of `tree`, or None when something in it was reported. `item` is what bare names belong to."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise Fault("this condition is nested too deeply", "Give its parts names: a segment or a rule's mark.")
            node: Node | None = getattr(self, tree.data)(tree.children, item)
            return node
        except Fault as fault:
            fault.token = fault.token or first_token(tree)
            self.report(fault)
            return None
        finally:
            self.depth -= 1

    def any_of(self, children: Sequence[Any], item: Item | None) -> Node | None:
        return self._both("or", children, item)

    def all_of(self, children: Sequence[Any], item: Item | None) -> Node | None:
        return self._both("and", children, item)

    def _both(self, op: str, children: Sequence[Any], item: Item | None) -> Node | None:
        parts = []
        for child in children:
            parts.append(self.build(child, item))
            self.after_where = op == "and" and any(
                isinstance(one, Tree) and one.data == "where" for one in child.children
            )
        self.after_where = False
        whole = tuple(part for part in parts if part is not None)
        return Both(op, whole) if len(whole) == len(parts) else None

    def group(self, children: Sequence[Any], item: Item | None) -> Node | None:
        return self.build(children[0], item)

    def negation(self, children: Sequence[Any], item: Item | None) -> Node | None:
        word, part = children
        if part.data == "happened":
            raise Fault(_NOT, f"Write 'no {part.children[0]} ...'.", word)
        if part.data not in ("group", "named"):
            raise Fault(_NOT, "Write 'not ( ... )'.", word)
        inner = self.build(part, item)
        return Negation(inner) if inner is not None else None

    not_group = negation

    def named(self, children: Sequence[Token], item: Item | None) -> Node | None:
        kind, name = children
        known = self.names.segments if kind == "segment" else self.names.marks
        if known is not None and name not in known:
            what = "segment is called" if kind == "segment" else "rule gives the mark"
            raise Fault(f"no {what} '{name}'", nearest(name, known), name)
        return Named(str(kind), str(name))

    def compare(self, children: Sequence[Any], item: Item | None) -> Node | None:
        left, *ops, value = children
        op, right = " ".join(ops), value.children[0]
        if op in _FOREIGN:
            raise Fault(f"'{op}' is not used here", f"Write '{left} {_FOREIGN[op]} {right}'.", ops[0])
        if op == "is not" and right in ("known", "unknown"):
            other = "unknown" if right == "known" else "known"
            raise Fault(f"'is not {right}' is said in one word", f"Write '{left} is {other}'.", right)
        path, type_ = self._left(left, op, item)
        return Compare(path, op, self._right(right, str(left), types.expected(type_, op), op, item))

    def among(self, children: Sequence[Any], item: Item | None) -> Node | None:
        left, *ops, values = children
        op = " ".join(ops)
        tokens = [value.children[0] for value in values.children if value is not None]
        if not tokens:
            raise Fault("there is nothing in this list", f"Write '{left} {op} [a, b]'.", left)
        path, type_ = self._left(left, op, item)
        return Among(path, tuple(self._right(token, str(left), type_, op, item) for token in tokens), len(ops) == 2)

    def known(self, children: Sequence[Token], item: Item | None) -> Node | None:
        left, _, word = children
        with at(left):
            return Known(find(left, self.names, item)[0], word == "unknown")

    def anniversary(self, children: Sequence[Token], item: Item | None) -> Node | None:
        left = children[2]
        with at(left):
            path, type_ = find(left, self.names, item)
        if type_ is not None and type_.name != "date":
            raise Fault(f"{left} is {spoken(type_)}, but only a date has an anniversary", "", left)
        return Anniversary(path)

    def any_item(self, children: Sequence[Any], item: Item | None) -> Node | None:
        word, name, where = children
        if item is None and name in self.names.events:
            raise Fault(f"'{name}' is an event: 'any' asks a list", f"Write '{name} ...' without 'any'.", name)
        if item is not None and name in self.names.events and name not in (item.fields or {}):
            raise Fault(f"'{name}' is an event: {_INSIDE}", "Ask it before or after, with 'and'.", name)
        with at(name):
            path, type_ = find(name, self.names, item)
        if type_ is not None and type_.name != "list":
            raise Fault(f"{name} is {spoken(type_)}, not a list: '{word}' asks lists", token=name)
        if where is None:
            return AnyItem(path, None, word == "no")
        inner = self.build(where.children[0], list_item(path, type_.of if type_ else None))
        return AnyItem(path, inner, word == "no") if inner is not None else None

    no_item = any_item

    def nothing(self, children: Sequence[Any], item: Item | None) -> Node | None:
        name, times, window, including = children[1], *children[3:]
        if "." in name or (item is not None and name not in self.names.events):
            extra = times or window or including
            if extra is not None:
                raise Fault(f"'{name}' is a list: it has no times and no 'in last'", token=first_token(extra))
            return self.any_item(children[:3], item)
        if times is not None:
            hint = f"Write '{name} at most N times' without 'no'."
            raise Fault("'no' already says how often", hint, first_token(times))
        node = self.happened(children[1:], item, never=True)
        return replace(node, op="<=", count=0) if isinstance(node, Happened) else None

    def happened(self, children: Sequence[Any], item: Item | None, *, never: bool = False) -> Node | None:
        name, where, times, window, including = children
        tail = bool(times or window or including)
        if item is not None:
            raise Fault(f"'{name}' says nothing here: {_INSIDE}", f"Write '{name} is ...'.", name)
        with at(name):
            event = event_named(name, self.names, bare=not (tail or where or never))
        if self.match and not never and not tail:
            message = f"'{name}' must have a line of its own here: beside 'and' or 'or' it would ask the past"
            raise Fault(message, f"Write it alone, or '{name} in last ...'.", name)
        inner = self.build(where.children[0], event_item(event)) if where is not None else None
        with at(first_token(times)):
            op, count = read_times(times, name) if times is not None else (">=", 1)
        with at(window.children[2] if window is not None else None):
            length = read_window(window, event) if window is not None else None
        if where is not None and inner is None:
            return None
        return Happened(str(name), inner, op, count, length, including is not None, event.since)

    def _left(self, token: Token, op: str, item: Item | None) -> tuple[Path, Type | None]:
        if self.after_where and item is None and "." not in token:
            hint = "More than one comparison in a 'where' stand in parentheses: 'where ( ... and ... )'."
            raise Fault(f"'{token}' does not say whose", hint, token)
        with at(token):
            path, type_ = find(token, self.names, item)
            types.check_operator(token, type_, op)
        return path, type_

    def _right(self, token: Token, left: str, want: Type | None, op: str, item: Item | None) -> Literal | Path:
        with at(token):
            if token.type == "QUOTED":
                return types.literal(token[1:-1], True, left, want, op)
            root, dot, _ = token.partition(".")
            if not dot or root not in self.names.roots:
                return types.literal(str(token), False, left, want, op)
            path, type_ = find(token, self.names, item)
            types.check_paths(left, want, op, token, type_)
        return path


def first_token(part: Any) -> Token | None:
    """The first word of a piece of the tree."""
    while isinstance(part, Tree):
        part = next((child for child in part.children if child is not None), None)
    return part if isinstance(part, Token) else None
