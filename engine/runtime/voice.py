"""The language in which a story is told: English on a terminal, that of whoever looks on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


def N_(text: str) -> str:
    """Mark a text that is translated where it is said."""
    return text


@dataclass(frozen=True, slots=True)
class Voice:
    """`say` translates a text that is marked by `N_`; `locale` is for days and months: en, fr, fr_CA."""

    say: Callable[[str], str] = str
    locale: str = "en"

    def day(self, local: datetime) -> str:
        """'Tuesday 25 November 2025'."""
        return self._written(local, f"{local:%A} {local.day} {local:%B %Y}", "EEEE d MMMM y")

    def date(self, local: datetime, *, year: bool) -> str:
        """'Tue 25 Nov', with the year where it is wanted."""
        english = f"{local:%a} {local.day} {local:%b}" + (f" {local:%Y}" if year else "")
        return self._written(local, english, "EEE d MMM y" if year else "EEE d MMM")

    def _written(self, local: datetime, english: str, pattern: str) -> str:
        if self.locale.partition("_")[0] == "en":
            return english
        from babel.dates import format_date

        return format_date(local.date(), pattern, self.locale)


ENGLISH = Voice()
