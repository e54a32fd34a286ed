"""`placements:` - the places in channel apps where an action may be shown."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import Field

from engine.define.doc import Doc, did_you_mean
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.model.plan import Placement


class PlacementShape(Shape):
    """One placement."""

    about: str = Field(default="", description="Where it is, in a sentence.")
    show: int = Field(default=1, ge=1, le=50, description="How many actions it shows at most.")
    fallback: str | None = Field(default=None, description="The message it shows when nothing is on the table.")


def compile_placements(doc: Doc | None, messages: Collection[str]) -> dict[str, Placement]:
    """The placements by name; what is wrong goes to `doc`. `messages` are those that have a template."""
    if doc is None:
        return {}
    data = doc.data.get("placements")
    if not isinstance(data, dict):
        doc.problem(("placements",), "placements are names, one a line.", "Write 'web.home: {show: 1}'.")
        return {}
    found: dict[str, Placement] = {}
    for written, value in data.items():
        name, path = str(written), ("placements", written)
        shape = shaped(doc, value if value is not None else {}, PlacementShape, path) or PlacementShape()
        fallback = shape.fallback or ""
        if fallback and fallback not in messages:
            hint = did_you_mean(fallback, messages) or f"Write templates/messages/{fallback}.j2."
            text = f"there is no template for the message '{fallback}'."
            doc.problem((*path, "fallback"), text, hint, code="unknown_message")
        found[name] = Placement(name, shape.show, fallback if fallback in messages else "", shape.about)
    return found
