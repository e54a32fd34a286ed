"""Quiet hours as UTC instants, never by comparing wall times (so clock changes come out right)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from engine.model.policy import QuietHours
from engine.policy.wallclock import to_instant, to_local

# A quiet stretch longer than this is taken as a policy that never lets anything out.
LONGEST_DAYS = 60


@lru_cache(maxsize=4096)
def _instant(day: date, minute: int, name: str, last: bool) -> int:
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    return to_instant(wall, name, last=last)


def _windows(rule: QuietHours, day: date, name: str) -> list[tuple[int, int]]:
    """The quiet stretches that begin on local `day`; one that crosses midnight belongs to the day it starts."""
    found = []
    if rule.start != rule.end:
        over = rule.end if rule.end > rule.start else rule.end + 24 * 60
        found.append((_instant(day, rule.start, name, False), _instant(day, over, name, True)))
    if day.weekday() in rule.weekdays or day.isoformat() in rule.dates:
        found.append((_instant(day, 0, name, False), _instant(day + timedelta(days=1), 0, name, False)))
    return found


def quiet_until(rule: QuietHours, name: str, now: int) -> int | None:
    """When the quiet stretch that holds `now` ends (epoch ms); None when it is not quiet in zone `name`.

    Touching stretches unite: a quiet Sunday follows a quiet Saturday night without a gap.
    """
    end = now
    for _ in range(2 * LONGEST_DAYS):
        day = to_local(end, name).date()
        later = max(
            (
                stop
                for near in (day - timedelta(days=1), day)
                for start, stop in _windows(rule, near, name)
                if start <= end < stop
            ),
            default=None,
        )
        if later is None:
            break
        end = later
    return end if end > now else None


def all_quiet_until(rules: Sequence[QuietHours], name: str, now: int) -> int | None:
    """When `now` and what follows is no longer quiet by any of several rules: their stretches unite too."""
    end = now
    for _ in range(2 * LONGEST_DAYS):
        later = max((until for rule in rules if (until := quiet_until(rule, name, end)) is not None), default=None)
        if later is None:
            break
        end = later
    return end if end > now else None


def quiet_days_between(rules: Sequence[QuietHours], name: str, start: int, end: int) -> int:
    """Milliseconds of days within [start, end) that are quiet by some rule: a time to live does not count them."""
    weekdays = frozenset[int]().union(*(rule.weekdays for rule in rules))
    dates = frozenset[str]().union(*(rule.dates for rule in rules))
    if not (weekdays or dates):
        return 0
    total = 0
    day = to_local(start, name).date()
    while (opening := _instant(day, 0, name, False)) < end:
        following = day + timedelta(days=1)
        if day.weekday() in weekdays or day.isoformat() in dates:
            total += max(0, min(end, _instant(following, 0, name, False)) - max(start, opening))
        day = following
    return total
