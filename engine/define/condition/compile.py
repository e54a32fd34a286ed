"""From the condition's tree to one Python function, written as source text and compiled.

What the author wrote never becomes source: every name and value is a constant of the function's own
namespace (`k0`, `k1`, ...), and that namespace holds nothing else but what is listed in `_BASE`.
The function is written for scopes as they should be. Where one is not (a history that holds no events, a
profile that is no mapping) Python objects, and the careful walk of `why` answers instead: never an exception.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, cast

from engine.define.condition import values
from engine.define.condition.why import see
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
    Scope,
)

_BASE: Mapping[str, Any] = {
    "__builtins__": {},
    "Exception": Exception,
    "bool": bool,
    "dict": dict,
    "float": float,
    "frozenset": frozenset,
    "int": int,
    "len": len,
    "reversed": reversed,
    "str": str,
    "type": type,
    "anniversary": values.anniversary,
    "at_of": attrgetter("at"),
    "bisect_right": bisect_right,
    "day": values.day,
    "get": values.get,
    "items": values.items,
    "member": values.member,
}
# The past is sorted by time: walk from the newest until the count is decided or the window's edge is reached.
# With a `where` most events do not count, so the walk is long: then the edge is found first, by halving.
# What is after `now`, or is the event being processed, is looked at last because it is rare.
_LOOK_BACK = """\
def {name}(s):{uncovered}
    past = s.history.get({event})
    if not past:
        return {empty}
    {cut}
    if len(past) {few}:
        return {undecided}
    n = 0
    for p in reversed(past):
        {item}{edge}
        if {where}p.at <= s.now{other}:
            n += 1
            if n {over}:
                return {decided}
    return n {test}
"""
_UNCOVERED = """
    if s.now - {window} < {since}:
        return {answer}"""
_LOW = "low = s.now - {window}"
_CUT = """\
low = s.now - {window}
    if past[0].at <= low:
        past = past[bisect_right(past, low, key=at_of):]"""
_ANY = """\
def {name}(s, i):
    every = items({path})
    if every is None:
        return False
    for i in every:
        if {where}:
            return {found}
    return {nothing}
"""
_WHOLE = """\
def holds(s):
    try:
        i = s.event
        return {body}
    except Exception:
        return careful(s)
"""


def compile_node(node: Node, label: str) -> Callable[[Scope], bool]:
    """The function that says whether `node` holds. `label` names it in tracebacks."""
    writer = _Writer()
    body = writer.node(node)
    source = "".join(writer.functions) + _WHOLE.format(body=body)
    namespace = {**_BASE, **writer.constants, "careful": lambda scope: see(node, scope, scope.event)[0]}
    exec(compile(source, f"<condition {label}>", "exec"), namespace)
    return cast("Callable[[Scope], bool]", namespace["holds"])


class _Writer:
    """Writes expressions over `s` (the scope) and `i` (the item that a `where` looks at)."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self.functions: list[str] = []
        self.made = 0
        self.negated = False  # within `not ( ... )`
        self.listed = False  # the item is a member of a list, which may be anything; an event's data is a mapping

    def node(self, node: Node) -> str:
        match node:
            case Compare(left, op, right):
                if isinstance(right, Literal):
                    return self.against_value(self.path(left), op, right.value)
                return f"{self.constant(values.OPERATORS[op])}({self.path(left)}, {self.path(right)})"
            case Among():
                return self.among(node)
            case Known(left, negated):
                return f"(({self.path(left)}) is {'' if negated else 'not '}None)"
            case AnyItem():
                return self.any_item(node)
            case Happened():
                return self.happened(node)
            case Named(kind, name):
                k, group = self.constant(name), values.GROUPS[kind]
                return f"({k} in g if type(g := s.{group}) is frozenset else member({k}, g))"
            case Anniversary(left):
                return f"anniversary({self.path(left)}, s.now, s.zone)"
            case Both(op, parts):
                return "(" + f" {op} ".join(self.node(part) for part in parts) + ")"
            case Negation(part):
                self.negated = not self.negated
                text = self.node(part)
                self.negated = not self.negated
                return f"(not {text})"

    def against_value(self, left: str, op: str, value: str | float | bool) -> str:
        constant = self.constant(value)
        if op in ("contains", "starts with"):
            return f"{self.constant(values.OPERATORS[op])}({left}, {constant})"
        sign = {"is": "==", "is not": "!="}.get(op, op)
        if isinstance(value, bool):
            return f"(type(v := {left}) is bool and v {sign} {constant})"
        if isinstance(value, str):
            if sign == "==":  # text is commoner than the very text: ask for the rarer first
                return f"((v := {left}) == {constant} and type(v) is str)"
            if sign == "!=":
                return f"(type(v := {left}) is str and v != {constant})"
            return f"((v := day({left})) is not None and v {sign} {constant})"
        number = f"((t := type(v := {left})) is int or t is float) and v {sign} {constant}"
        return f"({number} and v == v)" if sign == "!=" else f"({number})"

    def among(self, node: Among) -> str:
        op = "is not" if node.negated else "is"
        kinds = {type(one.value) if isinstance(one, Literal) else None for one in node.items}
        if kinds == {str}:
            texts = self.constant(frozenset(one.value for one in node.items if isinstance(one, Literal)))
            return f"(type(v := {self.path(node.left)}) is str and v {'not ' if node.negated else ''}in {texts})"
        parts: list[Node] = [Compare(node.left, op, one) for one in node.items]
        return "(" + (" and " if node.negated else " or ").join(self.node(part) for part in parts) + ")"

    def any_item(self, node: AnyItem) -> str:
        name, path = self.function(), self.path(node.path)
        where = self.where(node.where, listed=True) or "True"
        text = _ANY.format(name=name, path=path, where=where, found=not node.negated, nothing=node.negated)
        self.functions.append(text)
        return f"{name}(s, i)"

    def happened(self, node: Happened) -> str:
        name = self.function()
        where = self.where(node.where, listed=False)
        count = self.constant(node.count)
        enough = node.op == ">="
        test = {">=": f">= {count}", "<=": f"<= {count}", "is": f"== {count}"}[node.op]
        uncovered = ""
        if node.window is not None and node.since is not None:
            window, since = self.constant(node.window), self.constant(node.since)
            # what is negated answers yes, so that the whole is no either way
            uncovered = _UNCOVERED.format(window=window, since=since, answer=self.negated)
        text = _LOOK_BACK.format(
            name=name,
            uncovered=uncovered,
            event=self.constant(node.event),
            empty=f"0 {test}",
            cut="" if node.window is None else (_CUT if where else _LOW).format(window=self.constant(node.window)),
            edge="" if node.window is None or where else "if p.at <= low: break",
            few=f"<= {count}" if node.op == "<=" else f"< {count}",
            undecided=node.op == "<=",
            item="i = p.data" if where else "",
            where=f"{where} and " if where else "",
            other="" if node.including else " and p.id != s.skip",
            over=f">= {count}" if enough else f"> {count}",
            decided=enough,
            test=test,
        )
        self.functions.append(text)
        return f"{name}(s)"

    def where(self, node: Node | None, *, listed: bool) -> str:
        outside, self.listed = self.listed, listed
        text = self.node(node) if node is not None else ""
        self.listed = outside
        return text

    def path(self, path: Path) -> str:
        if not path.root and (self.listed or not path.names):
            return self.chain("i", path.names)
        if not path.root or path.root in values.ROOTS:
            # what should be a mapping and is none is for the careful walk
            mapping = f"s.{path.root}" if path.root else "i"
            return self.chain(f"{mapping}.get({self.constant(path.names[0])})", path.names[1:])
        return self.chain(f"s.objects.get({self.constant(path.root)})", path.names)

    def chain(self, source: str, names: tuple[str, ...]) -> str:
        for name in names:
            constant = self.constant(name)
            source = f"(c.get({constant}) if type(c := {source}) is dict else get(c, {constant}))"
        return source

    def constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def function(self) -> str:
        self.made += 1
        return f"f{self.made}"
