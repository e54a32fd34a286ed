"""Paths between channels: from a start, over the channels that a customer uses, to a purchase or to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.model.reporting import Reporting
from engine.model.words import Words
from engine.report.measures.measure import Window
from engine.report.measures.words import span

START, BUY, DROP = "START", "BUY", "DROP"
Counts = Mapping[tuple[str, str], int]


def definition(report: Reporting) -> str:
    return Words(
        "A path is what a customer does in the window, in the order in which it happened (ties in the "
        "order of the archive): it begins with their first act, and after each purchase or {pause} "
        "without an act with the next one. Acts on one channel in a row are one stop; a purchase is the "
        "last act of its path, on its own channel. A path ends with BUY when something is bought, with "
        "DROP after {pause} without an act; it is open, and left out, when the window ends before that.",
        pause=span(report.pause),
    )


def stops(report: Reporting, window: Window) -> str:
    """SQL: (customer, path, place, channel, next, ending), one row for each stop; `place` from 1, `next` the channel
    after it (NULL for the last), `ending` BUY, DROP or OPEN."""
    return f"""
        WITH items AS (
            SELECT h.customer, h.seq, h.instant, coalesce(nullif(h.channel, ''), 'no channel') AS channel,
                   m.seq IS NOT NULL AS buy
            FROM happened AS h LEFT JOIN (SELECT seq FROM money WHERE purchase) AS m USING (seq)
            WHERE h.instant >= {window.since} AND (h.act OR m.seq IS NOT NULL)
        ), begun AS (
            SELECT *, lag(channel) OVER mine AS previous,
                   coalesce(lag(buy) OVER mine OR instant - lag(instant) OVER mine > {report.pause}, true) AS first
            FROM items WINDOW mine AS (PARTITION BY customer ORDER BY seq)
        ), numbered AS (
            SELECT *, count(*) FILTER (first) OVER (PARTITION BY customer ORDER BY seq) AS path FROM begun
        ), ends AS (
            SELECT customer, path, bool_or(buy) AS bought, max(instant) AS last FROM numbered GROUP BY customer, path
        )
        SELECT customer, path, row_number() OVER stop AS place, channel, lead(channel) OVER stop AS next,
               CASE WHEN bought THEN '{BUY}' WHEN {window.until} - last > {report.pause} THEN '{DROP}' ELSE 'OPEN' END
               AS ending
        FROM numbered JOIN ends USING (customer, path) WHERE first OR previous <> channel
        WINDOW stop AS (PARTITION BY customer, path ORDER BY seq)"""


def reached(counts: Counts, without: str = "") -> Fraction:
    """The chance to come from START to BUY by these transitions, each in proportion to its count; who would go on to
    the channel `without` drops out instead. Exact."""
    nodes = sorted({source for source, _ in counts} - {without, START})
    nodes = [START, *nodes]
    totals = {node: sum(many for (source, _), many in counts.items() if source == node) for node in nodes}
    if not totals[START]:
        return Fraction(0)
    # x = chances x + what goes to BUY at once
    rows = []
    for node in nodes:
        row = [Fraction(counts.get((node, other), 0), totals[node]) for other in nodes]
        row = [(1 if other == node else 0) - each for other, each in zip(nodes, row, strict=True)]
        rows.append([*row, Fraction(counts.get((node, BUY), 0), totals[node])])
    return _solved(rows)[0]


def removal_effects(counts: Counts) -> dict[str, Fraction]:
    """By channel: the share of purchases that is lost when nobody gets past it: 1 - reached without it / reached."""
    whole = reached(counts)
    channels = sorted({source for source, _ in counts} - {START})
    return {each: 1 - reached(counts, each) / whole for each in channels} if whole else {}


def _solved(rows: list[list[Fraction]]) -> list[Fraction]:
    """Gauss and Jordan, exact. From each node an end can be reached, so there is one solution."""
    for column in range(len(rows)):
        pivot = next(row for row in range(column, len(rows)) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [each / head for each in rows[column]]
        for other in range(len(rows)):
            factor = rows[other][column]
            if other != column and factor:
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[column], strict=True)]
    return [row[-1] for row in rows]
