"""Days of the shop against instants: few distinct days, so each is worked out once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from examples.grocer.source import ZONE, Ints

HOUR = 3600


def at_hour(days: Ints, hour: int) -> Ints:
    """Epoch seconds of `hour` o'clock, shop time, on each day (`days`: epoch seconds of its 00:00 as if UTC)."""
    zone = ZoneInfo(ZONE)
    distinct, place = np.unique(days, return_inverse=True)
    wall = [datetime.fromtimestamp(d, UTC).replace(tzinfo=zone, hour=hour) for d in distinct.tolist()]
    return np.array([int(w.timestamp()) for w in wall], np.int64)[place.reshape(-1)]


def day_of(instants: Ints) -> Ints:
    """The shop's day of each instant, as epoch seconds of its 00:00 as if UTC."""
    zone = ZoneInfo(ZONE)
    # An offset changes on the hour only, so one look-up per distinct hour is enough.
    hours, place = np.unique(instants // HOUR, return_inverse=True)
    offsets = [datetime.fromtimestamp(h * HOUR, zone).utcoffset() or timedelta() for h in hours.tolist()]
    local = instants + np.array([int(o.total_seconds()) for o in offsets], np.int64)[place.reshape(-1)]
    return local - local % (24 * HOUR)


def day_text(day: int) -> str:
    """`2017-02-19` for a day as `day_of` gives it."""
    return datetime.fromtimestamp(day, UTC).date().isoformat()
