"""Money, numbers, dates and times, written as the customer's language writes them."""

from __future__ import annotations

import re
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

_LONGEST = 40  # digits of an amount
_PLAIN = (int, float)
_UNIT = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _number(value: Any) -> Decimal:
    if isinstance(value, Undefined):
        str(value)  # raises, naming the value
    if not isinstance(value, int | float | Decimal | str) or isinstance(value, bool):
        raise TypeError(f"{_brief(value)} is not an amount.")
    try:
        number = Decimal(str(value)) if not isinstance(value, str) or len(value) <= _LONGEST else Decimal("nan")
    except (InvalidOperation, ValueError):
        number = Decimal("nan")
    if not number.is_finite() or abs(number) > 10**15:
        raise TypeError(f"{_brief(value)} is not an amount.")
    return number


def _brief(value: Any) -> str:
    """A value as an error names it: a group of values by its kind."""
    return repr(str(value)[:40]) if isinstance(value, int | float | str) else f"a {type(value).__name__}"


def _currency(unit: Any) -> str:
    if not isinstance(unit, str) or not _UNIT.fullmatch(unit):
        raise TypeError(f"{_brief(unit)} is not a currency; write it as EUR.")
    return unit


def _moment(value: Any) -> date:
    """A date, or a datetime in the customer's zone, from either, from ISO text or from epoch milliseconds."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming the value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            value = datetime.fromtimestamp(value / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            raise TypeError(f"{_brief(value)} is not a date.") from None
    elif isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise TypeError(f"{_brief(value)} is not a date; write it as 2026-06-01 or 2026-06-01T10:00:00Z.") from None
    if isinstance(value, datetime):
        return value.astimezone(_zone(METER.zone)) if value.tzinfo else value
    if isinstance(value, date):
        return value
    raise TypeError(f"{_brief(value)} is not a date.")


def formats(code: str, currency: str) -> dict[str, Callable[..., str]]:
    """The filters `money`, `number`, `date` and `time` for the locale `code`; `currency` is the shop's own.

    Raises babel.UnknownLocaleError, ValueError for a code that names no locale.
    """
    locale = Locale.parse(code)

    @lru_cache(maxsize=4096)
    def written(amount: Decimal, unit: str) -> str:
        return format_currency(amount, unit, locale=locale)

    @lru_cache(maxsize=4096, typed=True)
    def priced(amount: float | str, unit: str) -> str:
        return written(_number(amount), _currency(unit))

    # They take the context although they do not read it: Jinja would otherwise fold a constant such as
    # {{ 5|money }} when it compiles, and compiled templates are shared by all locales.
    @pass_context
    def money(context: Context, amount: Any, unit: str = "") -> str:
        if type(amount) in _PLAIN and type(unit) is str:
            text = priced(amount, unit or currency)
        else:
            text = written(_number(amount), _currency(unit or currency))
        METER.amounts.add(amount)
        return text

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
