"""Which time zone a country is in, from the tz database's own table."""

from __future__ import annotations

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
