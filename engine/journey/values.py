"""Values that an author writes in a step: plain ones, or properties read when the step runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.journey.walk import Walk
from engine.model.condition import Path
from engine.model.profile import Enrolment

Value = str | int | float | bool | Path


def evaluated(walk: Walk, run: Enrolment, values: Mapping[str, Value]) -> dict[str, Any]:
    """Name -> value at this moment; what is not known is left out."""
    found = {name: walk.read(run, value) if isinstance(value, Path) else value for name, value in values.items()}
    return {name: value for name, value in found.items() if value is not None}
