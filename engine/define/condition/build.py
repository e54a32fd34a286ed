"""From the parse tree to the condition's tree, checked against what may be named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from lark import Token, Tree

from engine.define.condition import types
from engine.define.condition.fault import Fault
from engine.define.condition.lookback import event_named, read_times, read_window
from engine.define.condition.names import Item, Names, event_item, find, list_item, nearest
from engine.model.condition import (
    Among,
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
from engine.model.problem import Problem
from engine.model.vocabulary import Type

DEEPEST = 30
_FOREIGN = {"==": "is", "=": "is", "!=": "is not", "<>": "is not", "=>": ">=", "=<": "<="}
Part = Token | Tree[Token] | None


class Builder:
    """Builds one condition. Faults go to `report` with their token; building goes on to find more of them."""

    def __init__(self, names: Names, report: Callable[[Fault, Token | None], None], *, match: bool = False) -> None:
        self.names = names
        self.report = report
        self.match = match
        self.depth = 0

    def build(self, tree: Tree[Token], item: Item | None) -> Node | None:
        """The node of `tree`, or None when something in it was reported."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise Fault("this condition is nested too deeply", "Give its parts names: a segment or a rule's mark.")
            node: Node | None = getattr(self, tree.data)(tree.children, item)
            return node
        except Fault as fault:
            self.report(fault, first_token(tree))
            return None
        finally:
            self.depth -= 1

    def any_of(self, children: Sequence[Tree[Token]], item: Item | None) -> Node | None:
        return self._both("or", children, item)

    def all_of(self, children: Sequence[Tree[Token]], item: Item | None) -> Node | None:
        return self._both("and", children, item)

    def _both(self, op: str, children: Sequence[Tree[Token]], item: Item | None) -> Node | None:
        parts = [self.build(child, item) for child in children]
        whole = tuple(part for part in parts if part is not None)
        return Both(op, whole) if len(whole) == len(parts) else None

    def group(self, children: Sequence[Tree[Token]], item: Item | None) -> Node | None:
        return self.build(children[0], item)

    def negation(self, children: Sequence[Part], item: Item | None) -> Node | None:
        part = children[1]
        assert isinstance(part, Tree)
        if part.data not in ("group", "named"):
            if part.data == "happened":
                raise Fault("'not' stands before parentheses, a segment or a mark", f"Write 'no {part.children[0]} ...'.")
            raise Fault("'not' stands before parentheses, a segment or a mark", "Write 'not ( ... )'.")
        inner = self.build(part, item)
        return Negation(inner) if inner is not None else None

    not_group = negation

    def named(self, children: Sequence[Token], item: Item | None) -> Node | None:
        kind, name = children
        known = self.names.segments if kind == "segment" else self.names.marks
        if known is not None and name not in known:
            what = "segment is called" if kind == "segment" else "rule gives the mark"
            return self._fault(Fault(f"no {what} '{name}'", nearest(name, known)), name)
        return Named(str(kind), str(name))

    def compare(self, children: Sequence[Part], item: Item | None) -> Node | None:
        left, *ops, value = children
        assert isinstance(left, Token)
        assert isinstance(value, Tree)
        op = " ".join(str(part) for part in ops)
        right = value.children[0]
        assert isinstance(right, Token)
        if op in _FOREIGN:
            sign = ops[0]
            assert isinstance(sign, Token)
            return self._fault(Fault(f"'{op}' is not used here", f"Write '{left} {_FOREIGN[op]} {right}'."), sign)
        if op == "is not" and right in ("known", "unknown"):
            other = "unknown" if right == "known" else "known"
            return self._fault(Fault(f"'is not {right}' is said in one word", f"Write '{left} is {other}'."), right)
        found = self._left(left, op, item)
        if found is None:
            return None
        path, type_ = found
        to = self._right(right, str(left), types.expected(type_, op), op, item)
        return Compare(path, op, to) if to is not None else None

    def among(self, children: Sequence[Part], item: Item | None) -> Node | None:
        left, *ops, values = children
        assert isinstance(left, Token)
        assert isinstance(values, Tree)
        op = " ".join(str(part) for part in ops)
        found = self._left(left, op, item)
        tokens = [first_token(value) for value in values.children if value is not None]
        if not tokens:
            return self._fault(Fault("there is nothing in this list", f"Write '{left} {op} [a, b]'."), left)
        if found is None:
            return None
        path, type_ = found
        items = [self._right(token, str(left), type_, op, item) for token in tokens if token is not None]
        whole = tuple(one for one in items if one is not None)
        return Among(path, whole, len(ops) == 2) if len(whole) == len(tokens) else None

    def known(self, children: Sequence[Token], item: Item | None) -> Node | None:
        left, _, word = children
        found = self._left(left, "", item)
        return Known(found[0], word == "unknown") if found else None

    def any_item(self, children: Sequence[Part], item: Item | None) -> Node | None:
        word, name, where = children
        assert isinstance(name, Token)
        if name in self.names.events and item is None:
            return self._fault(Fault(f"'{name}' is an event: 'any' asks a list", f"Write '{name} ...' without 'any'."), name)
        try:
            path, type_ = find(str(name), self.names, item)
        except Fault as fault:
            return self._fault(fault, name)
        if type_ is not None and type_.name != "list":
            return self._fault(Fault(f"{name} is {types.spoken(type_)}, not a list: '{word}' asks lists"), name)
        inner = self._where(where, list_item(path, type_.of if type_ else None))
        return None if where is not None and inner is None else AnyItem(path, inner, word == "no")

    no_item = any_item

    def nothing(self, children: Sequence[Part], item: Item | None) -> Node | None:
        _, name, where, times, window, including = children
        assert isinstance(name, Token)
        if "." in name or (item is not None and name not in self.names.events):
            for extra in (times, window, including):
                if extra is not None:
                    return self._fault(Fault(f"'{name}' is a list: it has no times and no 'in last'"), first_token(extra))
            return self.any_item(children[:3], item)
        if times is not None:
            return self._fault(
                Fault("'no' already says how often", f"Write '{name} at most N times' without 'no'."), first_token(times)
            )
        node = self.happened(children[1:], item, never=True)
        return replace(node, op="<=", count=0) if isinstance(node, Happened) else node

    def happened(self, children: Sequence[Part], item: Item | None, *, never: bool = False) -> Node | None:
        name, where, times, window, including = children
        assert isinstance(name, Token)
        if item is not None:
            return self._fault(
                Fault(f"'{name}' says nothing here: a look-back cannot stand inside a 'where'", f"Write '{name} is ...'."),
                name,
            )
        try:
            event = event_named(str(name), self.names, bare=not (times or window or including or where or never))
        except Fault as fault:
            return self._fault(fault, name)
        if self.match and not never and not (times or window or including):
            return self._fault(
                Fault(
                    f"'{name}' must have a line of its own here: beside 'and' or 'or' it would ask the past",
                    f"Write it alone, or '{name} in last ...'.",
                ),
                name,
            )
        inner = self._where(where, event_item(event))
        op, count, length = ">=", 1, None
        try:
            if times is not None:
                op, count = read_times(times, str(name))
            if window is not None:
                length = read_window(window, event)
        except Fault as fault:
            return self._fault(fault, first_token(times if length is None and window is None else window))
        if where is not None and inner is None:
            return None
        return Happened(str(name), inner, op, count, length, including is not None)

    def _where(self, where: Part, item: Item) -> Node | None:
        return self.build(where.children[0], item) if isinstance(where, Tree) else None  # type: ignore[arg-type]

    def _left(self, token: Token, op: str, item: Item | None) -> tuple[Path, Type | None] | None:
        try:
            path, type_ = find(str(token), self.names, item)
            types.check_operator(str(token), type_, op)
        except Fault as fault:
            return self._fault(fault, token)
        return path, type_

    def _right(self, token: Token, left: str, want: Type | None, op: str, item: Item | None) -> Literal | Path | None:
        try:
            if token.type == "QUOTED":
                return types.literal(token[1:-1], True, left, want, op)
            root, dot, _ = token.partition(".")
            if not dot or root not in self.names.roots:
                return types.literal(str(token), False, left, want, op)
            path, type_ = find(str(token), self.names, item)
            types.check_paths(left, want, op, str(token), type_)
        except Fault as fault:
            return self._fault(fault, token)
        return path

    def _fault(self, fault: Fault, token: Token | None) -> None:
        self.report(fault, token)


def first_token(part: Part) -> Token | None:
    """The first word of a piece of the tree."""
    while isinstance(part, Tree):
        part = next((child for child in part.children if child is not None), None)
    return part
