"""`control:` of the policies - the standing control group of actions, and what it is compared by."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from engine.define.condition import Names
from engine.define.doc import Doc, did_you_mean
from engine.define.percent import read_percent
from engine.define.shapes import Shape
from engine.model.policy import Control, Measure

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERS = ("number", "integer")
# What the report counts without being told.
OWN = ("accepted", "value")


class ControlShape(Shape):
    """A standing group for whom actions are not chosen."""

    share: str = Field(description="The share of customers: 5%.")
    gets: Literal["random", "fallback", "nothing"] = Field(
        default="random", description="What they are shown: what chance puts first, the placement's fallback, nothing."
    )
    measure: dict[str, str] = Field(
        default_factory=dict,
        description="name: an event or a number of it, by which they are compared: {revenue: order_placed.total}.",
    )


def compile_control(doc: Doc, shape: ControlShape, names: Names) -> Control | None:
    """The control group of the policies; None where it cannot be read. Problems go to `doc`."""
    path = ("policies", "control")
    share = read_percent(shape.share)
    if share is None:
        hint = "Write a percentage from 0% to 100%: 5%."
        doc.problem((*path, "share"), f"'{shape.share}' is no share.", hint, code="policy")
        return None
    measures = [_measure(doc, names, name, text) for name, text in shape.measure.items()]
    found = tuple(each for each in measures if each is not None)
    return Control(share, shape.gets, found, doc.place(path, key=True))


def _measure(doc: Doc, names: Names, name: str, text: str) -> Measure | None:
    path = ("policies", "control", "measure", name)
    if not _NAME.fullmatch(name) or name in OWN:
        said = f"'{name}' is counted already." if name in OWN else f"'{name}' is no name."
        doc.problem(path, said, "Use small letters, digits and _: revenue.", key=True, code="policy")
        return None
    event, _, number = text.partition(".")
    if event not in names.events:
        said = f"no event '{event}' is declared in the vocabulary."
        doc.problem(path, said, did_you_mean(event, names.events), code="policy")
        return None
    numbers = {key: kind for key, kind in names.events[event].properties.items() if kind.name in _NUMBERS}
    if number and number not in numbers:
        hint = did_you_mean(number, numbers) or "Name a property that is a number, or the event alone to count it."
        doc.problem(path, f"'{event}' has no number '{number}'.", hint, code="policy")
        return None
    return Measure(name, event, number)
