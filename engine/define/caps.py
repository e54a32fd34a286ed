"""Reading how often something may be: `3 per 7d`, `1 per calendar day`."""

from __future__ import annotations

import re

from engine.define.span import parse_span

_CAP = re.compile(r"^\s*(\d+)\s+per\s+(?:calendar\s+(day|week|month)|(.+?))\s*$")
_LONG = {"day": "24h", "week": "7d", "month": "30d"}


def read_cap(text: str) -> tuple[int, int | None, str]:
    """The limit, the rolling window in ms (or None) and the calendar period ('' when there is a window).

    Raises ValueError with what was found; its second argument says what to write instead.
    """
    found = _CAP.match(text)
    if found is None:
        raise ValueError(f"'{text}' is no cap.", "Write '3 per 7d' or '1 per calendar day'.")
    limit, calendar, window = found.groups()
    if window in _LONG:
        hint = f"Write '{limit} per calendar {window}', or '{limit} per {_LONG[window]}'."
        raise ValueError(f"'per {window}' could mean two things.", hint)
    if window is None:
        return int(limit), None, calendar
    try:
        return int(limit), parse_span(window).elapsed, ""
    except ValueError as fault:
        raise ValueError(str(fault), "") from None
