"""A point in time as an author writes it: a weekday, a time of day, a date, or an attribute with an offset."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.condition import Path
from engine.model.span import Span

NO_TIME = Span()


@dataclass(frozen=True, slots=True)
class Moment:
    """`Saturday 10:00`, `10:00`, `2026-03-29 02:30`, `start.departure - 1d at 18:00`.

    Of `weekday` (Monday = 0), `date` (ISO) and `path` at most one is set; with none it is a time of day.
    `minute` is the minute of the day (None: midnight, or the attribute's own time); `offset` is added to the
    attribute, or taken away when `minus`.
    """

    text: str
    weekday: int | None = None
    date: str = ""
    path: Path | None = None
    minute: int | None = None
    offset: Span = NO_TIME
    minus: bool = False

    @property
    def recurs(self) -> bool:
        """Whether it comes again: a weekday or a time of day."""
        return not self.date and self.path is None
