"""`placements:` - the places in channel apps where an action may be shown."""

from __future__ import annotations

from pydantic import Field

from engine.define.doc import Doc
from engine.define.shape import shaped
from engine.define.shapes import Shape


class PlacementShape(Shape):
    """One placement."""

    about: str = Field(default="", description="Where it is, in a sentence.")
    show: int = Field(default=1, ge=1, le=50, description="How many actions it shows at most.")


def compile_placements(doc: Doc | None) -> frozenset[str]:
    """The names of the placements; what is wrong goes to `doc`."""
    if doc is None:
        return frozenset()
    data = doc.data.get("placements")
    if not isinstance(data, dict):
        doc.problem(("placements",), "placements are names, one a line.", "Write 'web.home: {show: 1}'.")
        return frozenset()
    for name, written in data.items():
        shaped(doc, written if written is not None else {}, PlacementShape, ("placements", name))
    return frozenset(str(name) for name in data)
