"""Which time zone a country is in, from the tz database's own table."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files


@lru_cache(maxsize=1)
def zones_by_country() -> dict[str, str]:
    """Country code -> IANA zone; of several the first in the table, which lists the most populous first."""
    found: dict[str, str] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found.setdefault(country, name)
    return found


def tables_version() -> str:
    """Versions of the tz database and of the holiday calendars: part of a plan's fingerprint."""
    return f"tzdata {version('tzdata')}, holidays {version('holidays')}"


def near_zone(written: str) -> str:
    """What may be meant by a zone that does not exist: a place alone, or one that is spelled almost like it."""
    from zoneinfo import available_timezones

    place = written.strip().rpartition("/")[2].replace(" ", "_").lower()
    known = sorted(name for name in available_timezones() if "/" in name)
    same = [name for name in known if name.rpartition("/")[2].lower() == place]
    near = same or get_close_matches(written, known, 1) or get_close_matches(written.capitalize(), known, 1)
    return f"Did you mean '{near[0]}'?" if near else "Write one like Europe/Paris."
