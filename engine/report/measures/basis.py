"""What all measures are made from: the archive's database, the window, what the workspace says of its reports, and
tables that several measures share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.model.span import DAY
from engine.model.words import Words
from engine.policy.wallclock import to_instant
from engine.report.measures.measure import Cell, Window, rows_of
from engine.report.measures.shared import SHARED
from engine.runtime.since import since_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.model.plan import Plan
    from engine.model.reporting import Reporting

USUAL = 90 * DAY


@dataclass(frozen=True, slots=True)
class Basis:
    """`db` has the archive's views (see archive.reading), `plan` the definitions that the report goes by."""

    db: DuckDBPyConnection
    window: Window
    plan: Plan
    _made: set[str] = field(default_factory=set)

    @property
    def report(self) -> Reporting:
        return self.plan.report

    def need(self, *names: str) -> None:
        """Make these shared tables, and those they are made from, unless they are there."""
        for name in names:
            if name not in self._made:
                needs, query = SHARED[name]
                self.need(*needs)
                self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query(self.plan.report, self.window)}")
                self._made.add(name)

    def rows(self, query: str) -> tuple[tuple[Cell, ...], ...]:
        """What a query gives, exact decimals as floats. `$since` and `$until` are the window's."""
        given = {name: getattr(self.window, name) for name in ("since", "until") if f"${name}" in query}
        return rows_of(self.db.execute(query, given or None).fetchall())

    def one(self, query: str) -> tuple[Cell, ...]:
        """The only row of a query."""
        (row,) = self.rows(query)
        return row


def window_of(db: DuckDBPyConnection, plan: Plan, since: str = "", until: str = "") -> Window:
    """The window that is asked for; '' is the newest that is known, and 90 days before the end. A day (2026-03-01)
    begins at midnight of the workspace's zone, a span (30d) is one before the end. Raises ValueError for what is no
    time."""
    newest = db.execute(
        "SELECT max(newest) FROM (SELECT max(happened) AS newest FROM events WHERE NOT dead"
        " UNION ALL SELECT max(decided) FROM outcomes UNION ALL SELECT max(decided) FROM decisions)"
    ).fetchone()
    last = newest[0] + 1 if newest is not None and newest[0] is not None else 0
    zone = plan.policies.timezone
    end = _instant(until, last, zone) if until else last
    start = _instant(since, end, zone) if since else end - USUAL
    if start >= end:
        raise ValueError(
            Words(
                "the window ends ({what}) before it begins ({since})",
                what=until or Words("with the newest event"),
                since=since,
            )
        )
    return Window(start, end, zone)


def _instant(text: str, end: int, zone: str) -> int:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return since_instant(text, end)
    return to_instant(datetime.combine(day, datetime.min.time()), zone)
