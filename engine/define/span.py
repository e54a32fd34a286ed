"""Reading a length of time as people write it: `90m`, `2 days`, `1h30m`, `1 mo`."""

from __future__ import annotations

import re
from difflib import get_close_matches

from engine.model.span import DAY, HOUR, MINUTE, SECOND, Span

_ELAPSED = {"s": SECOND, "m": MINUTE, "h": HOUR}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"mo": 1, "y": 12}
_WORDS = {
    "second": "s",
    "minute": "m",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "mo",
    "year": "y",
}
UNITS = {unit: unit for unit in (*_ELAPSED, *_DAYS, *_MONTHS)}
UNITS |= _WORDS | {f"{word}s": unit for word, unit in _WORDS.items()}

_PART = re.compile(r"\s*([0-9]+)\s*([^\W\d_]*)", re.ASCII)
_LONGEST = 200 * 365 * DAY


def parse_span(text: str) -> Span:
    """Read one or more `<whole number><unit>`; units are s, m, h, d, w, mo, y or their words.

    A week is 7 calendar days, a year 12 calendar months. Raises ValueError with a sentence that says
    what to write instead.
    """
    text = text.strip()
    ms = days = months = 0
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(_unreadable(text))
        number, word = part.groups()
        if not word:
            raise ValueError(_unreadable(text) if text[part.end() :] else _without_unit(text, number))
        unit = UNITS.get(word)
        if unit is None:
            raise ValueError(_unknown_unit(text, number, word))
        count = int(number) if len(number) < 16 else 10**16
        ms += count * _ELAPSED.get(unit, 0)
        days += count * _DAYS.get(unit, 0)
        months += count * _MONTHS.get(unit, 0)
        position = part.end()
    if not text:
        raise ValueError("a length of time is missing: write for example '90m', '24h' or '7d'")
    span = Span(ms=ms, days=days, months=months, text=text)
    if span.elapsed > _LONGEST:
        raise ValueError(f"'{_short(text)}' is longer than 200 years: write a length of time that can pass")
    return span


def _without_unit(text: str, number: str) -> str:
    if text != number:
        return f"'{_short(number)}' at the end of '{_short(text)}' has no unit: write '{_short(number)}m' or so"
    return f"'{_short(text)}' has no unit: write '{_short(text)}m' or '{_short(text)}h'"


def _unknown_unit(text: str, number: str, word: str) -> str:
    near = get_close_matches(word.lower(), UNITS, n=1, cutoff=0.6)
    unit = UNITS[near[0]] if near else ""
    meant = f"write '{_short(number)}{unit}'" if unit else "units are s, m, h, d, w, mo and y"
    return f"'{_short(word)}' in '{_short(text)}' is no unit of time: {meant}"


def _unreadable(text: str) -> str:
    if re.fullmatch(r"[0-9]+[.,][0-9]+\s*[a-z]+", text):
        return f"'{_short(text)}' is not a whole number: write for example '90m' instead of '1.5h'"
    day = text.partition(" ")[0].lower()
    if day.endswith("day") or re.match(r"\d{1,2}:\d{2}$|\d{4}-\d{2}-", day):
        return f"'{_short(text)}' is a moment and not a length of time: write 'wait_until: {_short(text)}'"
    return f"'{_short(text)}' is not a length of time: write for example '90m', '24h', '7d' or '1h30m'"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
