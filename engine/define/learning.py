"""`learning:` of the policies: how it is learned what customers accept."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic import Field

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.percent import read_percent
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.model.policy import Learning, Ramp
from engine.model.problem import NOWHERE
from engine.model.span import DAY

PATH = ("policies", "learning")
_RAMP = re.compile(r"^\s*(\S+)\s+over\s+(.+?)\s*$")


class LearningShape(Shape):
    """How it is learned what customers accept."""

    half_life: str = Field(default="30d", description="After this time a showing counts half; at least 1d.")
    prior: float = Field(default=10.0, gt=0, le=1_000_000, description="As how many showings a start counts.")
    borrow: float = Field(
        default=20.0, gt=0, le=1_000_000, description="As how many showings at most other places and customers count."
    )
    explore: str = Field(default="1%", description="On this share of their days customers see one that learns by lot.")
    ramp: str = Field(default="none", description="How many see an action that is new: 10% over 7d.")
    features: list[str] = Field(
        default_factory=list, description="Attributes that a model of the extra river tells customers apart by."
    )
    segments: list[str] = Field(default_factory=list, description="Segments that are counted apart, the first first.")


def compile_learning(
    doc: Doc | None, shape: LearningShape, segments: Collection[str], attributes: Collection[str]
) -> Learning:
    """How the workspace learns. What is wrong goes to `doc`."""
    for index, name in enumerate(shape.segments):
        if name not in segments and doc is not None:
            hint = did_you_mean(name, segments)
            doc.problem((*PATH, "segments", index), f"no segment '{name}'.", hint, code="unknown_segment")
    known = tuple(dict.fromkeys(name for name in shape.segments if name in segments))
    for index, name in enumerate(shape.features):
        if name not in attributes and doc is not None:
            hint = did_you_mean(name, attributes)
            doc.problem((*PATH, "features", index), f"no attribute '{name}'.", hint, code="policy")
    features = tuple(dict.fromkeys(name for name in shape.features if name in attributes))
    explore = read_percent(shape.explore)
    if explore is None:
        explore = Learning().explore
        if doc is not None:
            hint = "Write a percentage from 0% to 100%: 1%."
            doc.problem((*PATH, "explore"), f"'{shape.explore}' is no share.", hint, code="policy")
    half_life = _half_life(doc, shape.half_life)
    ramp = read_ramp(doc, (*PATH, "ramp"), shape.ramp, "policy")
    return Learning(half_life, shape.prior, shape.borrow, known, explore, ramp, features)


def read_ramp(doc: Doc | None, path: Path, text: str, code: str) -> Ramp | None:
    """'10% over 7d', or 'none'. What is wrong goes to `doc`."""
    if text.strip() == "none":
        return None
    found = _RAMP.match(text)
    share = read_percent(found[1]) if found is not None else None
    try:
        over = parse_span(found[2]).elapsed if found is not None else 0
    except ValueError:
        over = 0
    if share is None or over <= 0:
        if doc is not None:
            doc.problem(path, f"'{text}' is no ramp.", "Write '10% over 7d', or 'none'.", code=code)
        return None
    return Ramp(share, over, " ".join(text.split()), doc.place(path) if doc is not None else NOWHERE)


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
