"""What may be put into a text: one value, cleaned; never nothing, never a group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup, escape

from engine.render.meter import METER
from engine.render.missing import MissingValue
from engine.render.text import clean

_LONG = 256
_SPECIAL = re.compile("[&<>\"']")
_PLAIN = (int, float, date, time, Undefined)  # and what is missing says so itself


def shown(value: Any) -> Any:
    """What `{{ value }}` may put into a text. Raises MissingValue for None, TypeError for a group of values."""
    if isinstance(value, str):
        if len(value) > _LONG:
            METER.weigh(value)
        kept = clean(value)
        return Markup(kept) if kept is not value and isinstance(value, Markup) else kept  # it was markup before
    if value is None:
        raise MissingValue("", None)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping | list | tuple | set):
        raise TypeError("this is a group of values, not one: name the value to show, or loop over the group.")
    name = str(getattr(value, "__name__", "it"))[:40]
    raise TypeError(f"this is a function or a part of a template, no value: if {name} gives one, write {name}(...).")


def shown_in_markup(value: Any) -> Any:
    """The same among tags: a value has no empty line there, because that is where a paragraph ends."""
    value = shown(value)
    if isinstance(value, str) and "\n" in value and not isinstance(value, Markup):
        return "\n".join(filter(None, map(str.strip, value.splitlines())))
    return value


def put(value: Any) -> str:
    """What `{{ value }}` adds to a plain text. Raises as `shown`."""
    return shown(value) if type(value) is str else str(shown(value))


def put_in_markup(value: Any) -> str:
    """The same among tags, escaped. Most values are short and have nothing to escape: they cost no more than that
    look. Raises as `shown`."""
    if type(value) is str and len(value) <= _LONG and value.isascii() and value.isprintable():
        return value if _SPECIAL.search(value) is None else escape(value)
    if value is METER.whole:
        METER.weigh(value)
        return value  # type: ignore[no-any-return]
    if type(value) is Markup:
        return shown(value)  # type: ignore[no-any-return]
    return escape(shown_in_markup(value))
