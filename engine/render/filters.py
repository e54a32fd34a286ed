"""The filters a message may use, as one explicit list.

Jinja's own `center`, `indent`, `batch`, `format`, `random`, `safe`, `striptags` and others are left out:
they grow without bound, differ from run to run, or undo escaping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from jinja2 import Undefined, pass_context, pass_environment
from jinja2.environment import Environment
from jinja2.filters import FILTERS as JINJA
from jinja2.runtime import Context
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup, escape

from engine.render.meter import METER, TooMuch
from engine.render.shown import shown, shown_in_markup

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
    "truncate",
    "unique",
    "upper",
    "wordcount",
]
# These take the same time whatever they are given.
_FREE = {"count", "d", "default", "first", "last", "length"}
# These do something with every item, which takes as long as ten steps.
_EACH = {
    **dict.fromkeys(("groupby", "map", "reject", "rejectattr", "select", "selectattr", "sort", "unique"), 9),
    **dict.fromkeys(("max", "min", "sum"), 1),
}
_FREE_TESTS = (
    *("boolean", "defined", "divisibleby", "even", "false", "float", "integer", "iterable", "mapping", "none"),
    *("number", "odd", "sequence", "string", "true", "undefined"),
)
_PAID_TESTS = (
    *("==", "!=", "<", "<=", ">", ">=", "eq", "equalto", "ne", "lt", "lessthan", "le", "gt", "greaterthan", "ge"),
    *("in", "lower", "upper"),
)
_WEIGHTLESS = frozenset({int, float, bool, type(None)})
_LONGEST_RANGE = 1_000
_EMPTY_LINE = re.compile(r"\n\s*\n")
_MOST_CHARS = 100


def fixed_range(*bounds: int) -> range:
    """`range`, of at most 1,000 numbers."""
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise TooMuch(f"range() is asked for {len(numbers):,} numbers; {_LONGEST_RANGE:,} is the limit.")
    return numbers


def _paid(function: Callable[..., Any], each: int = 0) -> Callable[..., Any]:
    """`function` of Jinja's own, made to pay for the size of what it is given, and `each` for an item of it.

    An attribute may be written as a path, `a.b.c`: what it goes through is paid for with each item.
    """
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)  # with the mark that says what Jinja passes it
    def paid(*args: Any, **named: Any) -> Any:
        for value in args[first:]:
            METER.weigh(value)
        for value in named.values():
            METER.weigh(value)
        if each and len(args) > first and not isinstance(args[first], Undefined):
            items = METER.items(args[first])
            dots = sum(text.count(".") for text in (*args[first + 1 :], *named.values()) if isinstance(text, str))
            METER.charge((each + dots) * len(items))
            args = (*args[:first], items, *args[first + 1 :])
        return function(*args, **named)

    return paid


def _metered(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of the meter as a filter. It takes the context although it does not read it: Jinja would otherwise
    work out what is constant when it compiles, and a loop over a written list would cost nothing."""

    @pass_context
    def metered(context: Context, *args: Any) -> Any:
        return function(*args)

    return metered


@pass_context
def _weighed(context: Context, value: Any) -> Any:
    return value if type(value) in _WEIGHTLESS else METER.weigh(value)


def _as_it_is(value: Any) -> Any:
    """`|e` and `|escape`: the layout escapes, so that one message serves markup and plain text."""
    return value


def _round(value: float, digits: int = 0) -> float:
    return round(value, max(-15, min(int(digits), 15)))


def _replace(text: str, old: str, new: str) -> str:
    text, old, new = _text(text), _text(old), _text(new)
    METER.charge(text.count(old) * (1 + len(new)))
    return text.replace(old, new)


def _trim(value: Any, chars: str | None = None) -> str:
    METER.weigh(value)
    return str(JINJA["trim"](value, few(chars)))


def few(chars: Any) -> Any:
    """The characters that are taken off a text, none or a few. Raises TooMuch: each is looked for again and again."""
    if isinstance(chars, str) and len(chars) > _MOST_CHARS:
        raise TooMuch(f"{len(chars):,} characters to take off; {_MOST_CHARS} is the limit.")
    return chars


def _text(value: Any) -> str:
    """A text as `|replace` takes it. Raises TypeError, and for a missing value MissingValue."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming the value
    if not isinstance(value, str):
        raise TypeError(f"'replace' is for texts, not for {type(value).__name__}.")
    return value


@pass_environment
def _join(env: Environment, items: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    parts = list(METER.items(items))
    if attribute is not None:
        parts = [env.getattr(part, attribute) for part in parts]
    texts = (
        [escape(shown_in_markup(part)) for part in parts] if env.autoescape else [str(shown(part)) for part in parts]
    )
    METER.charge(len(separator) * len(texts))
    return (escape(separator) if env.autoescape else separator).join(texts)


def _paragraphs(text: str) -> Markup:
    """Markup with a paragraph for each run of lines, blocks (tables, lists, headings) being left alone.

    `text` is what a block rendered to under escaping, hence already markup.
    """
    out: list[str] = []
    for chunk in _EMPTY_LINE.split(str(text).strip()):
        chunk = chunk.strip()
        if chunk.startswith(("<p", "<table", "<div", "<ul", "<ol", "<h")):
            out.append(chunk)
        elif chunk:
            out.append(f'<p style="margin:0 0 16px">{chunk}</p>')
    return Markup("\n".join(out))  # see above


FILTERS: dict[str, Callable[..., Any]] = {
    **{name: JINJA[name] if name in _FREE else _paid(JINJA[name], _EACH.get(name, 0)) for name in _KEPT},
    "e": _as_it_is,
    "escape": _as_it_is,
    "round": _round,
    "replace": _replace,
    "trim": _trim,
    "join": _join,
    "paragraphs": _paragraphs,
    "metered items": _metered(METER.items),
    "metered text": _metered(METER.text),
    "metered include": _metered(METER.include),
    "metered value": _weighed,
}
_TESTS: dict[str, Any] = dict(JINJA_TESTS)
TESTS: dict[str, Callable[..., Any]] = {
    **{name: _TESTS[name] for name in _FREE_TESTS},
    **{name: _paid(_TESTS[name]) for name in _PAID_TESTS},
}

FILTER_NAMES = sorted([*(name for name in FILTERS if " " not in name), "money", "number", "date", "time", "listed"])
