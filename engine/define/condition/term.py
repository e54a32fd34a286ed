"""From the condition's tree to the form that a matcher of many rules takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.define.condition.compile import compile_node
from engine.define.condition.why import read
from engine.model.condition import Among, Both, Compare, Literal, Node, Path, Scope
from engine.model.term import Bit, Group, Kind, Term, Test

_SIGNS = {"is": "==", "is not": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ANY_KIND = ("is", "is not")


def term_of(node: Node) -> Term:
    """The term of a tree: comparisons with a constant and their combinations as they are, all else a bit."""
    match node:
        case Both(op, parts):
            return Group(op, tuple(term_of(part) for part in parts))
        case Compare(left, op, Literal(value)) if op in _SIGNS:
            test = _test(left, op, value)
            return test if test is not None else _bit(node)
        case Among(left, items, negated):
            tests = [_test(left, "is not" if negated else "is", one.value) for one in items if isinstance(one, Literal)]
            there = tuple(test for test in tests if test is not None)
            if len(there) < len(items):
                return _bit(node)
            return Group("and" if negated else "or", there)
    return _bit(node)


def _test(left: Path, op: str, value: str | float | bool) -> Test | None:
    kind: Kind = "yes_no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if kind != "number" and op not in _ANY_KIND:  # days compare by a rule of their own
        return None
    return Test(
        left, kind, _SIGNS[op], value, _reader(left), compile_node(Compare(left, op, Literal(value)), "of a rule")
    )


def _reader(path: Path) -> Callable[[Scope], Any]:
    def value(scope: Scope) -> Any:
        try:
            return read(path, scope, scope.event)
        except Exception:  # a scope that is none: nothing is there
            return None

    return value


def _bit(node: Node) -> Bit:
    return Bit(node, compile_node(node, "of a rule"))
