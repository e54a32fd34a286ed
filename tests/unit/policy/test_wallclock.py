"""Local time in every zone, around every clock change of 2025-2027."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.policy import QuietHours
from engine.model.span import DAY, HOUR, MINUTE, Span
from engine.policy.quiet import quiet_until
from engine.policy.wallclock import add, calendar_start, iso, to_instant, to_local
from tests.story import ms

PARIS = "Europe/Paris"
ZONES = sorted(name for name in available_timezones() if not name.startswith(("posix/", "right/")))


def _changes(name: str) -> list[int]:
    """Epoch ms of the clock changes of a zone in 2025-2027, to the minute."""
    tz = ZoneInfo(name)
    found = []
    hour = datetime(2025, 1, 1, tzinfo=UTC)
    before = hour.astimezone(tz).utcoffset()
    while hour.year < 2028:
        later = hour + timedelta(days=1)
        after = later.astimezone(tz).utcoffset()
        if after != before:
            low, high = hour, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                if middle.astimezone(tz).utcoffset() == before:
                    low = middle
                else:
                    high = middle
            found.append(int(high.timestamp() // 60 * 60 * 1000))
        hour, before = later, after
    return found


@pytest.mark.parametrize(
    ("wall", "last", "instant"),
    [
        # does not exist: the first instant after the gap
        ("2026-03-29T02:30", False, "2026-03-29T01:00:00Z"),
        ("2026-03-29T02:00", False, "2026-03-29T01:00:00Z"),
        # the gap's end exists
        ("2026-03-29T03:00", False, "2026-03-29T01:00:00Z"),
        # exists twice: the first, or the last when asked
        ("2026-10-25T02:30", False, "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30", True, "2026-10-25T01:30:00Z"),
        ("2026-06-01T12:00", True, "2026-06-01T10:00:00Z"),
    ],
)
def test_wall_time_in_paris(wall: str, last: bool, instant: str) -> None:
    assert iso(to_instant(datetime.fromisoformat(wall), PARIS, last=last)) == instant


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # 31 January + 1 month, 29 February + 1 year: cut to the month's length
        ("2026-01-31T09:00:00Z", Span(months=1), "2026-02-28T09:00:00Z"),
        ("2028-02-29T09:00:00Z", Span(months=12), "2029-02-28T09:00:00Z"),
        # a day keeps the wall time over a clock change, 24 h do not
        ("2026-03-28T08:00:00Z", Span(days=1), "2026-03-29T07:00:00Z"),
        ("2026-03-28T08:00:00Z", Span(ms=DAY), "2026-03-29T08:00:00Z"),
        # into the gap
        ("2026-03-28T01:30:00Z", Span(days=1), "2026-03-29T01:00:00Z"),
    ],
)
def test_adding_a_span_in_paris(start: str, span: Span, end: str) -> None:
    assert iso(add(ms(start), span, PARIS)) == end


@pytest.mark.slow
@pytest.mark.slow
def test_every_zone_around_its_clock_changes() -> None:
    """A local time that exists comes back as itself; one that does not is the first instant after the gap."""
    quiet = QuietHours(21 * 60, 8 * 60, frozenset({"email"}))
    for name in ZONES:
        for change in _changes(name):
            for minutes in range(-180, 181, 30):
                instant = change + minutes * MINUTE
                wall = to_local(instant, name).replace(tzinfo=None, fold=0)
                first, last = to_instant(wall, name), to_instant(wall, name, last=True)
                assert first <= instant <= last, (name, iso(instant))
                assert to_local(first, name).replace(tzinfo=None, fold=0) == wall
                until = quiet_until(quiet, name, instant)
                if until is not None:
                    assert instant < until <= instant + 12 * HOUR + 30 * MINUTE, (name, iso(instant), iso(until))
                    assert quiet_until(quiet, name, until) is None
            gap = to_local(change, name).replace(tzinfo=None, fold=0)
            before = to_local(change - MINUTE, name).replace(tzinfo=None, fold=0)
            if gap - before > timedelta(minutes=2):
                assert to_instant(gap - timedelta(minutes=1), name) == change, (name, iso(change))


@given(st.integers(ms("2025-01-01T00:00:00Z"), ms("2027-12-31T00:00:00Z")), st.sampled_from(ZONES))
def test_a_quiet_stretch_ends_where_it_is_no_longer_quiet(instant: int, name: str) -> None:
    quiet = QuietHours(21 * 60, 8 * 60, frozenset({"email"}), weekdays=frozenset({6}))
    until = quiet_until(quiet, name, instant)
    hour = to_local(instant, name).hour
    loud = 8 <= hour < 21 and to_local(instant, name).weekday() != 6
    if until is None:
        assert loud
    else:
        assert until > instant
        assert quiet_until(quiet, name, until) is None


@given(
    st.integers(ms("2025-01-01T00:00:00Z"), ms("2027-12-31T00:00:00Z")),
    st.sampled_from(ZONES),
    st.sampled_from(["day", "week", "month"]),
)
def test_a_calendar_period_begins_before_now_at_midnight(instant: int, name: str, period: str) -> None:
    start = calendar_start(instant, period, name)
    local = to_local(start, name)
    assert start <= instant < start + 32 * DAY
    if period == "week":
        assert local.weekday() == 0 or local.date() != to_local(instant, name).date()
    assert calendar_start(start, period, name) == start or local.minute or local.hour
