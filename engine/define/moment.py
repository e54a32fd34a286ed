"""Reading a moment as an author writes it."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches

from engine.define.span import parse_span
from engine.model.condition import Path
from engine.model.moment import Moment
from engine.model.span import Span

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")
_PATH = re.compile(r"^([a-z_]\w*(?:\.\w+)+)(?:\s*([+-])\s*(.+?))?(?:\s+at\s+(\d{1,2}:\d{2}))?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_HOUR = re.compile(r"^(\d{1,2})(?:[:.h](\d{2})?)?\s*(am|pm|h)?$")
EXAMPLES = "Write 'Saturday 10:00', '10:00', '2026-03-29 02:30', or 'start.departure - 1d at 18:00'."


def parse_moment(text: str) -> Moment:
    """Read a moment. Raises ValueError with a sentence that says what to write instead."""
    text = " ".join(text.split())
    words = text.split(" ")
    if len(words) <= 2 and (len(words) == 1 or _TIME.match(words[1])):
        minute = _minute(words[1]) if len(words) == 2 else None
        if words[0].lower() in WEEKDAYS:
            return Moment(text, weekday=WEEKDAYS.index(words[0].lower()), minute=minute)
        if len(words) == 1 and _TIME.match(text):
            return Moment(text, minute=_minute(text))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words[0]):
            return Moment(text, date=_date(words[0]), minute=minute)
    found = _PATH.match(text)
    if found is None:
        raise ValueError(f"'{text}' is no moment. {_meant(text, words)}")
    path, sign, span, at = found.groups()
    root, *names = path.split(".")
    offset = parse_span(span) if span else Span()
    return Moment(
        text,
        path=Path(root, tuple(names)),
        minute=_minute(at) if at else None,
        offset=offset,
        minus=sign == "-",
    )


def _meant(text: str, words: list[str]) -> str:
    """What to write instead of what is no moment."""
    day = _DAY_FIRST.match(words[0])
    if day is not None and int(day[2]) <= 12:
        return f"Write '{' '.join([f'{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}', *words[1:]])}'."
    hour = _HOUR.match(words[-1].lower())
    if hour is not None and (len(words) == 1 or (len(words) == 2 and words[0].lower() in WEEKDAYS)):
        number = int(hour[1]) % 12 + 12 * (hour[3] == "pm") if hour[3] in ("am", "pm") else int(hour[1])
        if number < 24:
            time = f"{number:02d}:{hour[2] or '00'}"
            return f"Write '{' '.join([*words[:-1], time])}'."
    try:
        parse_span(text)
    except ValueError:
        first = words[0].lower()
        alike = [day for day in WEEKDAYS if day[0] == first[0]] if "." not in first else []
        near = get_close_matches(first, alike, 1) or get_close_matches(first, WEEKDAYS if alike else (), 1)
        return f"Did you mean '{' '.join([near[0].capitalize(), *words[1:]])}'?" if near else EXAMPLES
    return f"For a length of time, write 'wait: {text}'."


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 23 or minute > 59:
        raise ValueError(f"'{text}' is no time of day: write 00:00 to 23:59")
    return hour * 60 + minute


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"'{text}' is no date: write year-month-day, 2026-03-29") from None
