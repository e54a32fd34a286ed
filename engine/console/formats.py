"""Figures as people read them in their language: numbers, shares, instants, lengths of time."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from jinja2 import pass_context
from jinja2.runtime import Context

from engine.policy.wallclock import iso, to_local

LONG = 10_000  # above it a number is shown short where there is little room


@lru_cache(maxsize=4096)  # a page has hundreds of them, most of them small
def number(locale: str, value: float | None) -> str:
    """1,234; '—' for what is not known."""
    return "—" if value is None else format_decimal(value, locale=locale)


def short(locale: str, value: int) -> str:
    """1,234, and 12.3K where it would be longer."""
    return number(locale, value) if value < LONG else format_compact_decimal(value, locale=locale, fraction_digits=1)


def share(locale: str, value: float | None, digits: int = 1) -> str:
    """0.1234 -> 12.3%; '—' for what is not known."""
    return "—" if value is None else format_percent(value, f"#,##0.{'0' * digits}%" if digits else "#,##0%", locale)


def span(locale: str, ms: float) -> str:
    """A length of time: '3 hours'."""
    return format_timedelta(timedelta(milliseconds=ms), locale=locale, threshold=1.5)


def filters(locale: str) -> dict[str, Any]:
    """The filters of one language's templates."""

    @pass_context
    def when(context: Context, at: int | None, form: str = "medium") -> str:
        """An instant on the workspace's clock."""
        return "—" if at is None else format_datetime(to_local(at, context["zone"]), form, locale=locale)

    @pass_context
    def ago(context: Context, at: int, beside: int | None = None) -> str:
        """'3 minutes ago', 'in 2 hours': an instant beside now, or beside another one. What is now has just been."""
        gap = timedelta(milliseconds=at - (context["now"] if beside is None else beside))
        gap = timedelta(seconds=-1) if abs(gap) < timedelta(seconds=1) else gap
        return format_timedelta(gap, add_direction=True, threshold=1.5, locale=locale)

    return {
        "when": when,
        "ago": ago,
        "iso": iso,
        "number": lambda value: number(locale, value),
        "short": lambda value: short(locale, value),
        "share": lambda value, digits=1: share(locale, value, digits),
        "span": lambda ms: span(locale, ms),
    }
