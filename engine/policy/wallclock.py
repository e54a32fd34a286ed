"""Local time without surprises: instants are epoch ms UTC, zones are IANA names.

A local time that does not exist becomes the first instant after the gap. One that exists twice means
the first, or the last when asked (the end of a quiet window). PEP 495 folds carry the two readings.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.model.policy import Policies
from engine.model.profile import Profile
from engine.model.span import Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def customer_zone(profile: Profile, policies: Policies) -> str:
    """The customer's own zone, else the last device's or store's, the country's, the workspace's; never none."""
    for name in ("timezone", "last_timezone"):
        value = profile.attributes.get(name)
        if isinstance(value, str) and zone(value) is not None:
            return value
    country = profile.attributes.get("country")
    if isinstance(country, str) and country.upper() in policies.zones:
        return policies.zones[country.upper()]
    return policies.timezone


def to_local(instant: int, name: str) -> datetime:
    """The wall clock in zone `name` at `instant` (epoch ms)."""
    return (EPOCH + timedelta(milliseconds=instant)).astimezone(zone(name) or UTC)


def to_instant(wall: datetime, name: str, *, last: bool = False) -> int:
    """Epoch ms of a naive wall time in zone `name`; see the module for gaps and repeated times."""
    tz = zone(name) or UTC
    local = wall.replace(tzinfo=tz, fold=1 if last else 0)
    instant = (local.astimezone(UTC) - EPOCH) // MILLISECOND
    back = to_local(instant, name).replace(tzinfo=None, fold=0)
    if back == wall.replace(fold=0):
        return instant
    # in a gap: fold 0 counts with the offset before it, so its result lies after the jump by as much as
    # `wall` lies inside the gap; walk back to the jump itself
    early = (wall.replace(tzinfo=tz, fold=1).astimezone(UTC) - EPOCH) // MILLISECOND
    late = (wall.replace(tzinfo=tz, fold=0).astimezone(UTC) - EPOCH) // MILLISECOND
    return _transition(min(early, late), max(early, late), name)


def _transition(low: int, high: int, name: str) -> int:
    """The first instant in (low, high] whose offset differs from that at `low`, to the second."""
    offset = to_local(low, name).utcoffset()
    if to_local(high, name).utcoffset() == offset:
        return high
    low, high = low // 1000, -(-high // 1000)
    while high - low > 1:
        middle = (low + high) // 2
        if to_local(middle * 1000, name).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high * 1000


def add(instant: int, span: Span, name: str) -> int:
    """`instant` plus a span: calendar units keep the wall time in zone `name`, the rest is elapsed."""
    if span.days or span.months:
        wall = to_local(instant, name)
        day = _add_months(wall.date(), span.months) + timedelta(days=span.days)
        instant = to_instant(datetime.combine(day, wall.timetz().replace(tzinfo=None, fold=0)), name)
    return instant + span.ms


def _add_months(day: date, months: int) -> date:
    """31 January + 1 month = 28 February: the day is cut to the month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def calendar_start(instant: int, period: str, name: str) -> int:
    """The first instant of the local day, week (Monday) or month that holds `instant`."""
    day = to_local(instant, name).date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    return to_instant(datetime.combine(day, datetime.min.time()), name)


def iso(instant: int) -> str:
    """2026-03-29T06:00:00Z, with milliseconds only when there are any."""
    text = (EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return text.replace(".000Z", "Z")
