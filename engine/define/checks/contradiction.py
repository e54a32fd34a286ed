"""Whether a condition can hold for anybody: ranges, equalities and look-backs that exclude one another.

Only what is certain counts. A tree is spread into alternatives, each a list of atoms that would all have to
hold; an alternative is impossible when two of its atoms exclude each other. The condition is impossible when
all its alternatives are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.model.condition import Among, Both, Compare, Happened, Known, Literal, Named, Negation, Node, Path

MOST = 64
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Atoms = tuple[Node, ...]
_FLIP = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def spread(nodes: Iterable[Node]) -> list[Atoms]:
    """Alternatives under which all of `nodes` hold. Past MOST of them the rest is left out of the question."""
    found: list[Atoms] = [()]
    for node in nodes:
        options = _options(node)
        if len(found) * len(options) <= MOST:
            found = [(*left, *right) for left in found for right in options]
    return found


def _options(node: Node) -> list[Atoms]:
    if isinstance(node, Both):
        if node.op == "and":
            return spread(node.parts)
        return [option for part in node.parts for option in _options(part)]
    return [(node,)]


def clash(nodes: Sequence[Node]) -> tuple[Node, Node] | None:
    """Two atoms that exclude each other, when `nodes` can never hold together; None when they can."""
    first: tuple[Node, Node] | None = None
    for atoms in spread(nodes):
        pair = _pair(atoms)
        if pair is None:
            return None
        first = first or pair
    return first


def _pair(atoms: Atoms) -> tuple[Node, Node] | None:
    for index, left in enumerate(atoms):
        for right in atoms[index:]:  # an atom may exclude itself: at most -1 times, in []
            if excludes(left, right):
                return left, right
    return None


def excludes(left: Node, right: Node) -> bool:
    """Whether the two atoms can never hold at the same moment."""
    if isinstance(left, Negation) or isinstance(right, Negation):
        outer, inner = (left, right) if isinstance(left, Negation) else (right, left)
        return isinstance(outer, Negation) and outer.part == inner
    if isinstance(left, Named) or isinstance(right, Named):
        return False
    if isinstance(left, Happened) and isinstance(right, Happened):
        return _counts(left, right) or _counts(right, left)
    a, b = _path(left), _path(right)
    if a is None or a != b:
        return False
    if isinstance(left, Known) or isinstance(right, Known):
        known, other = (left, right) if isinstance(left, Known) else (right, left)
        return isinstance(known, Known) and known.negated and not (isinstance(other, Known) and other.negated)
    return _values(left, right)


def _path(node: Node) -> Path | None:
    return node.left if isinstance(node, Compare | Among | Known) else None


def _values(left: Node, right: Node) -> bool:
    """Two comparisons of one path with written values."""
    wanted = [chosen for node in (left, right) if (chosen := _chosen(node)) is not None]
    if wanted:
        possible = set(wanted[0]).intersection(*map(set, wanted[1:]))
        return not any(_allows(left, value) and _allows(right, value) for value in possible)
    low, high = _range(left), _range(right)
    if low is None or high is None:
        return False
    floor, above = max((low[0], low[1]), (high[0], high[1]))
    ceiling, below = min((low[2], not low[3]), (high[2], not high[3]))
    return floor > ceiling or (floor == ceiling and (above or not below))


def _chosen(node: Node) -> tuple[object, ...] | None:
    """The only values a path may have under this atom; None when there is no such list."""
    items: tuple[Literal | Path, ...] = ()
    if isinstance(node, Compare) and node.op == "is":
        items = (node.right,)
    elif isinstance(node, Among) and not node.negated:
        items = node.items
    values = [each.value for each in items if isinstance(each, Literal)]
    # a day and an instant within it are the same to a condition, though written in two ways
    days = any(isinstance(value, str) and _DAY.match(value) for value in values)
    return tuple(values) if values and len(values) == len(items) and not days else None


def _allows(node: Node, value: object) -> bool:
    chosen = _chosen(node)
    if chosen is not None:
        return value in chosen
    if isinstance(node, Compare) and isinstance(node.right, Literal):
        if node.op == "is not":
            return value != node.right.value
        bounds = _range(node)
        if bounds is not None and isinstance(value, int | float) and not isinstance(value, bool):
            floor, above, ceiling, below = bounds
            return not (value < floor or value > ceiling or (value == floor and above) or (value == ceiling and below))
        if node.op == "starts with":
            return not isinstance(value, str) or value.startswith(str(node.right.value))
    if isinstance(node, Among) and node.negated:
        return all(not isinstance(each, Literal) or value != each.value for each in node.items)
    return True


def _range(node: Node) -> tuple[float, bool, float, bool] | None:
    """(floor, floor excluded, ceiling, ceiling excluded) of an ordered comparison with a number."""
    if not isinstance(node, Compare) or node.op not in _FLIP or not isinstance(node.right, Literal):
        return None
    value = node.right.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if node.op in (">", ">="):
        return value, node.op == ">", float("inf"), False
    return float("-inf"), False, value, node.op == "<"


def _counts(left: Happened, right: Happened) -> bool:
    """`left` wants more of an event in a window than `right` allows in one that is as long or longer."""
    if replace(left, op="", count=0, window=None) != replace(right, op="", count=0, window=None):
        return False
    inside = right.window is None or (left.window is not None and left.window <= right.window)
    least = left.count if left.op in (">=", "is", "exactly") else 0
    most = right.count if right.op in ("<=", "is", "exactly") else None
    return inside and most is not None and least > most
