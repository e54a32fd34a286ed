"""Weeks by the clock of the workspace, for SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.report.measures.measure import Window

HOUR, DAY = 3_600_000, 86_400_000
# 1 January 1970 was a Thursday: the Monday before it began week 0.
_TO_MONDAY = 3


def week_of(column: str, window: Window) -> str:
    """SQL: the number of the local week (Monday to Sunday) of an instant (epoch ms) within the window."""
    return f"(({column} + {_offset(column, window)}) // {DAY} + {_TO_MONDAY}) // 7"


def _offset(column: str, window: Window) -> str:
    """SQL: how much the local clock is ahead of UTC, in ms. Clocks change at full quarters of an hour."""
    zone = ZoneInfo(window.zone)
    since, until = max(window.since, 0), min(window.until, 253_402_300_799_000)
    found = _ahead(zone, since)
    whens = []
    at = since
    while at < until:
        later = min(at + DAY, until)
        ahead = _ahead(zone, later)
        if ahead != found:
            whens.append((_change(zone, at, later, found), found))
            found = ahead
        at = later
    if not whens:
        return str(found)
    return "CASE " + " ".join(f"WHEN {column} < {until} THEN {ahead}" for until, ahead in whens) + f" ELSE {found} END"


def _change(zone: ZoneInfo, low: int, high: int, before: int) -> int:
    """The first instant from which on the clock is not `before` ahead any more."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle) == before else (low, middle)
    return high


def _ahead(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)
