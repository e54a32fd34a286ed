"""Values as the matcher may see them: exact, of one kind, and nothing that its C code was not made for.

Numbers go as doubles with a point, texts up to `MOST_TEXT` characters (a longer one as something that no constant
equals), yes and no as they are. What cannot be compared anyway (nothing, NaN, a list) is left out.
"""

from __future__ import annotations

import json
from typing import Any

from engine.model.term import Kind, Test

MOST_TEXT = 1_000
CUT = "\u2026cut"
# Whole numbers from here on are rounded as doubles; against a constant below, no comparison changes by that.
EXACT = 2**53
GREATEST = 1.7e308
LEAST = 1e-300


def fact(kind: Kind, value: Any) -> str | None:
    """The JSON text of a value of this kind; None when it is of another."""
    if kind == "number":
        return _number(value)
    if kind == "yes_no":
        return ("true" if value else "false") if type(value) is bool else None
    if type(value) is not str:
        return None
    if len(value) > MOST_TEXT:
        value = value[:MOST_TEXT] + CUT
    return text(value)


def text(value: str) -> str:
    """A JSON string; half of a pair of surrogates, which no constant has, is written as an escape."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def decimal(value: float) -> str:
    """A number as the matcher's parser reads it: without a point it would take it for something else."""
    written = repr(value)
    return written if "." in written else f"{value:.17e}"


def _number(value: Any) -> str | None:
    if type(value) is int:
        value = float(min(max(value, -(10**308)), 10**308))
    elif type(value) is not float or value != value:
        return None
    return decimal(min(max(value, -GREATEST), GREATEST))


def exact(test: Test) -> bool:
    """Whether the matcher compares with this constant as Python does."""
    value = test.value
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= MOST_TEXT and value.isprintable()
    return value == 0 or LEAST <= abs(value) < EXACT
