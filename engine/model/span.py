"""A length of time as written: elapsed milliseconds, or calendar days and months."""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Span:
    """`ms` is elapsed everywhere. `days` and `months` are calendar units in `wait`, `wait_until`, `up_to`,
    `lasts` and `idle_for`; in look-back windows a day is 24 h and a year 365 d (`elapsed`)."""

    ms: int = 0
    days: int = 0
    months: int = 0
    text: str = ""

    @property
    def elapsed(self) -> int:
        """Milliseconds as a look-back window counts them: a month of 30 days, a year of 365."""
        years, months = divmod(self.months, 12)
        return self.ms + (self.days + 30 * months + 365 * years) * DAY

    def __str__(self) -> str:
        return self.text
