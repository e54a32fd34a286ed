"""The filters a message may use, as one explicit list.

Jinja's own `center`, `indent`, `batch`, `format`, `random`, `safe`, `striptags` and others are left out:
they grow without bound, differ from run to run, or undo escaping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import pass_environment
from jinja2.environment import Environment
from jinja2.filters import FILTERS as JINJA
from markupsafe import Markup, escape

from engine.render.meter import METER, TooMuch

_KEPT = [
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordcount",
]
_LONGEST_RANGE = 1_000


def fixed_range(*bounds: int) -> range:
    """`range`, of at most 1,000 numbers."""
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise TooMuch(f"range() is asked for {len(numbers):,} numbers; {_LONGEST_RANGE:,} is the limit.")
    return numbers


def _as_it_is(value: Any) -> Any:
    """`|e` and `|escape`: the layout escapes, so that one message serves markup and plain text."""
    return value


def _round(value: float, digits: int = 0) -> float:
    return round(value, max(-15, min(int(digits), 15)))


def _replace(text: str, old: str, new: str) -> str:
    METER.charge(text.count(old) * (1 + len(new)))
    return text.replace(old, new)


@pass_environment
def _join(env: Environment, items: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    parts = list(METER.items(items))
    if attribute is not None:
        parts = [env.getattr(part, attribute) for part in parts]
    texts = [escape(part) for part in parts] if env.autoescape else [str(part) for part in parts]
    METER.charge(len(separator) * len(texts))
    return (escape(separator) if env.autoescape else separator).join(texts)


def _paragraphs(text: str) -> Markup:
    """Markup with a paragraph for each run of lines, blocks (tables, lists, headings) being left alone.

    `text` is what a block rendered to under escaping, hence already markup.
    """
    out: list[str] = []
    for chunk in re.split(r"\n\s*\n", str(text).strip()):
        chunk = chunk.strip()
        if chunk.startswith(("<p", "<table", "<div", "<ul", "<ol", "<h")):
            out.append(chunk)
        elif chunk:
            out.append(f'<p style="margin:0 0 16px">{chunk}</p>')
    return Markup("\n".join(out))  # see above


FILTERS: dict[str, Callable[..., Any]] = {
    **{name: JINJA[name] for name in _KEPT},
    "e": _as_it_is,
    "escape": _as_it_is,
    "round": _round,
    "replace": _replace,
    "join": _join,
    "paragraphs": _paragraphs,
    "metered items": METER.items,
    "metered text": METER.text,
}

FILTER_NAMES = sorted([*(name for name in FILTERS if " " not in name), "money", "number", "date", "time", "listed"])
