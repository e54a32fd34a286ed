"""Greetings without a name: `Hello {{ name|default('') }},` says "Hello ," to whoever has none.

Where a value stands between a word and a mark, nothing can stand in for it. An empty text that is written there is
refused when the template is read, and one that turns up when a message is rendered counts as missing.
"""

from __future__ import annotations

import re
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from engine.render.missing import MissingValue
from engine.render.text import blank

_BEFORE = re.compile(r"(\w+)[ \t]+\Z")
_AFTER = re.compile(r"([,.!?;:])(?!\w)")  # a blank before it, as French has, is none: "Bonjour !"
FILTER = "no hole"


def guard_holes(node: nodes.Output) -> None:
    """Have the values of an output looked at that stand between a word and a mark. Raises TemplateSyntaxError."""
    for place in range(1, len(node.nodes) - 1):
        before, value, after = node.nodes[place - 1 : place + 2]
        said = _around(before, after)
        if said and not isinstance(value, nodes.TemplateData):
            if _may_be_empty(value):
                raise _hole(said, value.lineno)
            node.nodes[place] = nodes.Filter(value, FILTER, [], [], None, None, lineno=value.lineno)


def no_holes_between(body: list[nodes.Node]) -> None:
    """`Hello {% if name %}{{ name }}{% endif %},` leaves the same hole. Raises TemplateSyntaxError."""
    for before, node, after in zip(body, body[1:], body[2:], strict=False):
        if isinstance(node, nodes.If) and not node.else_:
            outputs = isinstance(before, nodes.Output) and isinstance(after, nodes.Output)
            said = _around(before.nodes[-1], after.nodes[0]) if outputs else ""  # type: ignore[attr-defined]
            if said:
                raise _hole(said, node.lineno)


def _around(before: nodes.Node, after: nodes.Node) -> str:
    """What is said when nothing stands between the two: 'Hello ,'; '' where nothing is wrong with that."""
    if not isinstance(before, nodes.TemplateData) or not isinstance(after, nodes.TemplateData):
        return ""
    word, mark = _BEFORE.search(before.data), _AFTER.match(after.data)
    return f"{word[1]} {mark[1]}" if word is not None and mark is not None else ""


def _hole(said: str, line: int) -> TemplateSyntaxError:
    hint = "write other words for who has none, or put the blank into the {% if %} as well"
    return TemplateSyntaxError(f"without a value this says '{said}': {hint}", line)


def no_hole(value: Any) -> Any:
    """`value`, which stands between a word and a mark. Raises MissingValue for one that shows nothing."""
    if isinstance(value, str) and blank(value):
        raise MissingValue(
            "", None, "nothing stands here between a word and a mark. Write other words for who has no value"
        )
    return value


def _may_be_empty(node: nodes.Node | None) -> bool:
    """Whether an empty text is written as what stands in."""
    if node is None:
        return True
    if isinstance(node, nodes.Const):
        return isinstance(node.value, str) and blank(node.value)
    if isinstance(node, nodes.Filter) and node.name in ("default", "d"):
        return _may_be_empty(node.args[0] if node.args else None)
    if isinstance(node, nodes.Or):
        return _may_be_empty(node.right)
    if isinstance(node, nodes.CondExpr):
        return _may_be_empty(node.expr1) or _may_be_empty(node.expr2)
    return isinstance(node, nodes.Filter) and node.node is not None and _may_be_empty(node.node)
