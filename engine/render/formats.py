"""Money, numbers, dates and times, written as the customer's language writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from engine.render.meter import METER


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _number(value: Any) -> Decimal:
    if isinstance(value, Undefined):
        str(value)  # raises, naming the value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite() or abs(number) > 10**15:
        raise TypeError(f"{str(value)[:40]!r} is not an amount.")
    return number


def _moment(value: Any) -> date:
    """A date, or a datetime in the customer's zone, from either, from ISO text or from epoch milliseconds."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming the value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value / 1000, UTC)
    elif isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise TypeError(f"{value[:40]!r} is not a date; write it as 2026-06-01 or 2026-06-01T10:00:00Z.") from None
    if isinstance(value, datetime):
        return value.astimezone(_zone(METER.zone)) if value.tzinfo else value
    if isinstance(value, date):
        return value
    raise TypeError(f"{str(value)[:40]!r} is not a date.")


def formats(code: str, currency: str) -> dict[str, Callable[..., str]]:
    """The filters `money`, `number`, `date` and `time` for the locale `code`; `currency` is the shop's own.

    Raises babel.UnknownLocaleError, ValueError for a code that names no locale.
    """
    locale = Locale.parse(code)

    @lru_cache(maxsize=4096)
    def written(amount: Decimal, unit: str) -> str:
        return format_currency(amount, unit, locale=locale)

    # They take the context although they do not read it: Jinja would otherwise fold a constant such as
    # {{ 5|money }} when it compiles, and compiled templates are shared by all locales.
    @pass_context
    def money(context: Context, amount: Any, unit: str = "") -> str:
        return written(_number(amount), unit or currency)

    @pass_context
    def number(context: Context, value: Any) -> str:
        return format_decimal(_number(value), locale=locale)

    @pass_context
    def day(context: Context, value: Any, style: str = "long") -> str:
        return format_date(_moment(value), style, locale=locale)

    @pass_context
    def hour(context: Context, value: Any, style: str = "short") -> str:
        moment = _moment(value)
        if not isinstance(moment, datetime):
            raise TypeError(f"{moment} is a day without a time.")
        return format_time(moment.time(), style, locale=locale)

    return {"money": money, "number": number, "date": day, "time": hour}
