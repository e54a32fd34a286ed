"""Whole quiet days by name: weekdays, and the public holidays of a country."""

from __future__ import annotations

from functools import lru_cache

from engine.define.doc import did_you_mean

WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
FIRST_YEAR, LAST_YEAR = 2015, 2037


def quiet_days(line: str) -> tuple[set[int], set[str]] | str:
    """(weekdays with Monday = 0, ISO dates) of 'sundays' or 'holidays FR'; a sentence when it is neither."""
    words = line.split()
    if len(words) == 1 and words[0] in WEEKDAYS:
        return {WEEKDAYS.index(words[0])}, set()
    if len(words) == 2 and words[0] == "holidays":
        dates = _holidays(words[1].upper())
        if dates is not None:
            return set(), set(dates)
        return f"'{words[1]}' is no country with known holidays. Write its two letters: holidays FR."
    return f"'{line}' is no quiet day. {did_you_mean(line, [*WEEKDAYS, 'holidays FR'])}"


@lru_cache(maxsize=64)
def _holidays(country: str) -> frozenset[str] | None:
    """The public holidays of a country from FIRST_YEAR to LAST_YEAR; None for an unknown country."""
    import holidays

    try:
        found = holidays.country_holidays(country, years=range(FIRST_YEAR, LAST_YEAR + 1))
    except NotImplementedError:
        return None
    return frozenset(day.isoformat() for day in found)
