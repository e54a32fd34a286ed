"""`segments:` - named groups of customers, kept up to date as events arrive and as time passes."""

from __future__ import annotations

from pydantic import Field

from engine.define.condition import Names
from engine.define.doc import Doc, Path
from engine.define.lines import read_lines
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.model.condition import Named, Node, Segment


class SegmentShape(Shape):
    """One segment."""

    about: str = Field(default="", description="Who they are, in a sentence.")
    when: str | list[str] = Field(description="Conditions; all of them must hold.")


def segment_names(doc: Doc | None) -> frozenset[str]:
    """The names that a document declares."""
    data = doc.data.get("segments") if doc is not None and isinstance(doc.data, dict) else None
    return frozenset(str(name) for name in data) if isinstance(data, dict) else frozenset()


def compile_segments(doc: Doc | None, names: Names) -> tuple[Segment, ...]:
    """The segments of a document, those that others build on first. A line, a list of lines, or {about, when}."""
    data = doc.data.get("segments") if doc is not None else None
    if doc is None or not isinstance(data, dict):
        return ()
    found: dict[str, Segment] = {}
    for name, written in data.items():
        path: Path = ("segments", name)
        plain = not isinstance(written, dict)
        shape = shaped(doc, {"when": written} if plain else written, SegmentShape, path)
        if shape is None:
            continue
        conditions = read_lines(doc, path if plain else (*path, "when"), shape.when, names)
        if conditions:
            found[str(name)] = Segment(str(name), conditions, shape.about, doc.place(path, key=True))
    return _ordered(doc, found)


def _ordered(doc: Doc, found: dict[str, Segment]) -> tuple[Segment, ...]:
    """Each after those it asks about; a circle is a problem."""
    order: list[Segment] = []
    state: dict[str, str] = {}

    def visit(name: str) -> None:
        if state.get(name) == "done" or name not in found:
            return
        if state.get(name) == "open":
            doc.problem(("segments", name), f"the segment '{name}' builds on itself.", "Break the circle.", key=True)
            return
        state[name] = "open"
        for line in found[name].lines:
            for other in sorted(_asked(line.node)):
                visit(other)
        state[name] = "done"
        order.append(found[name])

    for name in found:
        visit(name)
    return tuple(order)


def _asked(node: Node) -> set[str]:
    """The segments that a tree asks about."""
    if isinstance(node, Named):
        return {node.name} if node.kind == "segment" else set()
    parts = getattr(node, "parts", None) or tuple(
        filter(None, (getattr(node, "part", None), getattr(node, "where", None)))
    )
    return {name for part in parts for name in _asked(part)}
