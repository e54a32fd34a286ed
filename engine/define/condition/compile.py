"""From the condition's tree to one Python function, written as source text and compiled.

What the author wrote never becomes source: every name and value is a constant of the function's own
namespace (`k0`, `k1`, ...), and that namespace holds nothing else but what is listed in `_BASE`.
The commonest comparisons are written out in place; everything else calls `values`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from engine.define.condition import values
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
    Scope,
)

ROOTS = {"customer": "s.customer", "event": "s.event", "start": "s.start", "context": "s.context"}
GROUPS = {"segment": "s.segments", "mark": "s.marks"}
_BASE: Mapping[str, Any] = {
    "__builtins__": {},
    "AttributeError": AttributeError,
    "TypeError": TypeError,
    "bool": bool,
    "dict": dict,
    "float": float,
    "frozenset": frozenset,
    "int": int,
    "reversed": reversed,
    "str": str,
    "type": type,
    "day": values.day,
    "get": values.get,
    "items": values.items,
    "member": values.member,
    "remembered": values.remembered,
}
# A newest-first walk over the past: leaves at the window's edge, and as soon as the count is decided.
_LOOK_BACK = """\
def {name}_of(s, past):
    now = s.now
    {low}
    {skip}
    n = 0
    for p in reversed(past):
        at = p.at
        {edge}
        {item}
        if {where}at <= now{other}:
            n += 1
            if n {over}:
                return {decided}
    return n {test}
def {name}(s):
    try:
        return {name}_of(s, s.history.get({event}, ()))
    except (AttributeError, TypeError):
        return {name}_of(s, remembered(s, {event}))
"""
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


def compile_node(node: Node, label: str) -> Callable[[Scope], bool]:
    """The function that says whether `node` holds. `label` names it in tracebacks."""
    writer = _Writer()
    body = writer.node(node)
    source = "".join(writer.functions) + f"def holds(s):\n    i = s.event\n    return {body}\n"
    namespace = dict(_BASE) | writer.constants
    exec(compile(source, f"<condition {label}>", "exec"), namespace)
    return cast("Callable[[Scope], bool]", namespace["holds"])


class _Writer:
    """Writes expressions over `s` (the scope) and `i` (the item that a `where` looks at)."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self.functions: list[str] = []

    def node(self, node: Node) -> str:
        match node:
            case Compare(left, op, Literal(value)):
                return self.against_value(self.path(left), op, value)
            case Compare(left, op, Path() as right):
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
                constant, group = self.constant(name), GROUPS[kind]
                return f"({constant} in g if type(g := {group}) is frozenset else member({constant}, g))"
            case Both(op, parts):
                return "(" + f" {op} ".join(self.node(part) for part in parts) + ")"
            case Negation(part):
                return f"(not {self.node(part)})"

    def against_value(self, left: str, op: str, value: str | float | bool) -> str:
        constant = self.constant(value)
        if op in ("contains", "starts with"):
            return f"{self.constant(values.OPERATORS[op])}({left}, {constant})"
        sign = {"is": "==", "is not": "!="}.get(op, op)
        if isinstance(value, bool):
            return f"(type(v := {left}) is bool and v {sign} {constant})"
        if isinstance(value, str):
            if sign in ("==", "!="):
                return f"(type(v := {left}) is str and v {sign} {constant})"
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
        name = self.function()
        where = self.node(node.where) if node.where is not None else "True"
        text = _ANY.format(
            name=name, path=self.path(node.path), where=where, found=not node.negated, nothing=node.negated
        )
        self.functions.append(text)
        return f"{name}(s, i)"

    def happened(self, node: Happened) -> str:
        name = self.function()
        where = self.node(node.where) if node.where is not None else ""
        count = self.constant(node.count)
        enough = node.op == ">="
        text = _LOOK_BACK.format(
            name=name,
            event=self.constant(node.event),
            low="" if node.window is None else f"low = now - {self.constant(node.window)}",
            edge="" if node.window is None else "if at <= low: break",
            skip="" if node.including else "skip = s.skip",
            other="" if node.including else " and p.id != skip",
            item="i = p.data" if where else "",
            where=f"{where} and " if where else "",
            over=f">= {count}" if enough else f"> {count}",
            decided=enough,
            test={">=": f">= {count}", "<=": f"<= {count}", "is": f"== {count}"}[node.op],
        )
        self.functions.append(text)
        return f"{name}(s)"

    def path(self, path: Path) -> str:
        if not path.root:
            return self.chain("i", path.names)
        if path.root in ROOTS:
            return self.chain(ROOTS[path.root], path.names)
        return self.chain("s.objects", (path.root, *path.names))

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
        return f"f{len(self.functions)}_{len(self.constants)}"
