"""What stands behind the names in a condition: a segment's lines, and the rules that give a mark."""

from __future__ import annotations

from dataclasses import replace

from engine.model.condition import Both, Named, Node
from engine.model.plan import Plan

# Names behind names behind names: nobody writes deeper ones, and circles end here.
DEEPEST = 8


class Behind:
    """Writes conditions out. What cannot be written out stays a name."""

    def __init__(self, plan: Plan) -> None:
        self._segments = {each.name: tuple(line.node for line in each.lines) for each in plan.segments}
        self._marks: dict[str, list[Node]] = {}
        for rule in plan.rules:
            whole = _all(tuple(line.node for line in rule.when))
            for mark in rule.marks:
                self._marks.setdefault(mark, []).append(whole)

    def meant(self, node: Node, depth: int = 0) -> Node:
        """`node` with the lines of the segments and rules that it names, where it wants them to hold."""
        if isinstance(node, Both):
            return replace(node, parts=tuple(self.meant(part, depth) for part in node.parts))
        if not isinstance(node, Named) or depth == DEEPEST:
            return node
        if node.kind == "segment" and node.name in self._segments:
            return self.meant(_all((node, *self._segments[node.name])), depth + 1)
        if node.kind == "mark" and node.name in self._marks:
            ways = tuple(self.meant(_all((node, way)), depth + 1) for way in self._marks[node.name])
            return ways[0] if len(ways) == 1 else Both("or", ways)
        return node


def _all(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Both("and", nodes)
