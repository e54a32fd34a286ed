"""When a written moment is, in a zone, seen from an instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from engine.model.moment import Moment
from engine.model.span import Span
from engine.policy.wallclock import add, to_instant, to_local

# A moment that does not come: the year 9000. `9999-12-31` often stands for "never ends".
NEVER = 221_845_392_000_000


def this_time(moment: Moment, now: int, name: str, value: Any = None) -> int | None:
    """The instant (epoch ms) meant by `moment` in zone `name`: this week's for a weekday, today's for a time.

    It may lie in the past. `value` is what the attribute holds (epoch ms or an ISO date); None when there is
    none, and then so is the answer.
    """
    today = to_local(now, name).date()
    if moment.weekday is not None:
        return _at(today + timedelta(days=moment.weekday - today.weekday()), moment.minute or 0, name)
    if moment.date:
        return _at(date.fromisoformat(moment.date), moment.minute or 0, name)
    if moment.path is None:
        return _at(today, moment.minute or 0, name)
    start = _value(value, name)
    if start is None:
        return None
    offset = moment.offset
    if moment.minus:
        offset = Span(-offset.ms, -offset.days, -offset.months)
    try:
        instant = add(start, offset, name)
        return instant if moment.minute is None else _at(to_local(instant, name).date(), moment.minute, name)
    except (OverflowError, ValueError):
        return NEVER if start > now else None  # at the ends of the calendar: never, or long past


def next_time(moment: Moment, now: int, name: str) -> int:
    """The first instant at or after `now` that a recurring moment means."""
    step = 7 if moment.weekday is not None else 1
    today = to_local(now, name).date()
    first = today + timedelta(days=(moment.weekday - today.weekday()) % 7) if moment.weekday is not None else today
    instant = _at(first, moment.minute or 0, name)
    return instant if instant >= now else _at(first + timedelta(days=step), moment.minute or 0, name)


def _at(day: date, minute: int, name: str) -> int:
    return to_instant(datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute), name)


def _value(value: Any, name: str) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return _at(date.fromisoformat(value), 0, name)
        except OverflowError:
            return NEVER if value > "5000" else None
        except ValueError:
            return None
    return None
