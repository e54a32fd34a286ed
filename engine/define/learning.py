"""`learning:` of the policies: how it is learned what customers accept."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import Field

from engine.define.doc import Doc, did_you_mean
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.model.policy import Learning
from engine.model.span import DAY

PATH = ("policies", "learning")


class LearningShape(Shape):
    """How it is learned what customers accept."""

    half_life: str = Field(default="30d", description="After this time a showing counts half; at least 1d.")
    prior: float = Field(default=10.0, gt=0, le=1_000_000, description="As how many showings a start counts.")
    borrow: float = Field(
        default=20.0, gt=0, le=1_000_000, description="As how many showings at most other places and customers count."
    )
    segments: list[str] = Field(default_factory=list, description="Segments that are counted apart, the first first.")


def compile_learning(doc: Doc | None, shape: LearningShape, segments: Collection[str]) -> Learning:
    """How the workspace learns. What is wrong goes to `doc`."""
    for index, name in enumerate(shape.segments):
        if name not in segments and doc is not None:
            hint = did_you_mean(name, segments)
            doc.problem((*PATH, "segments", index), f"no segment '{name}'.", hint, code="unknown_segment")
    known = tuple(dict.fromkeys(name for name in shape.segments if name in segments))
    return Learning(_half_life(doc, shape.half_life), shape.prior, shape.borrow, known)


def _half_life(doc: Doc | None, text: str) -> int:
    """In ms; counts fade by whole days, so a day is the least."""
    try:
        found = parse_span(text).elapsed
        fault = f"'{text}' is too short: counts fade day by day."
    except ValueError as wrong:
        found, fault = 0, str(wrong)
    if found >= DAY:
        return found
    if doc is not None:
        doc.problem((*PATH, "half_life"), fault, "Write '1d' or more.", code="policy")
    return Learning().half_life
