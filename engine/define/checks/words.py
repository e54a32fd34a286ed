"""A part of a condition in the words of its language."""

from __future__ import annotations

from engine.model.condition import Among, AnyItem, Both, Compare, Happened, Known, Literal, Named, Negation, Node, Path
from engine.model.span import DAY, HOUR, MINUTE


def words(node: Node) -> str:
    """`customer.orders > 3`; long parts are cut short."""
    if isinstance(node, Compare):
        return f"{node.left} {node.op} {_value(node.right)}"
    if isinstance(node, Among):
        return f"{node.left} {'not in' if node.negated else 'in'} [{', '.join(_value(each) for each in node.items)}]"
    if isinstance(node, Known):
        return f"{node.left} is {'unknown' if node.negated else 'known'}"
    if isinstance(node, Named):
        return f"{node.kind} {node.name}"
    if isinstance(node, Negation):
        return f"not ({words(node.part)})"
    if isinstance(node, Both):
        return f" {node.op} ".join(words(part) for part in node.parts)
    if isinstance(node, Happened):
        return _happened(node)
    if isinstance(node, AnyItem):
        return f"{'no' if node.negated else 'any'} {node.path}" + (f" where {words(node.where)}" if node.where else "")
    return "this"


def _value(value: Literal | Path) -> str:
    if isinstance(value, Literal) and isinstance(value.value, float) and value.value.is_integer():
        return str(int(value.value))
    return str(value)


def _happened(node: Happened) -> str:
    where = f" where {words(node.where)}" if node.where is not None else ""
    window = f" in last {length(node.window)}" if node.window is not None else ""
    if node.op == "<=" and node.count == 0:
        return f"no {node.event}{where}{window}"
    often = {">=": "at least", "<=": "at most"}.get(node.op, "exactly")
    times = "" if (node.op, node.count) == (">=", 1) else f" {often} {node.count} times"
    return f"{node.event}{where}{times}{window}"


def length(ms: int) -> str:
    """Milliseconds as 30d, 12h or 90m."""
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if ms % size == 0:
            return f"{ms // size}{unit}"
    return f"{ms // 1000}s"
