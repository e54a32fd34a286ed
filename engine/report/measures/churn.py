"""Churn: after how long customers buy again, and after how long they are lost, with windows that are still open."""

from __future__ import annotations

from collections import defaultdict

from engine.model.plan import Plan
from engine.model.span import DAY
from engine.model.words import Words
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Chart, Column, Found, Measure, Series, Table
from engine.report.measures.survival import Step, at, median, survival
from engine.report.measures.words import ACT, CUSTOMER, NO_PURCHASES, NONE_BOUGHT, money, own, span

AFTER = (7, 14, 30, 60, 90, 180, 365)


def _definition(plan: Plan) -> str:
    lost = span(plan.report.lost_after)
    return Words(
        "{customer} {act} {report} Of each customer who bought in the window, time runs from their first "
        "purchase in it. They buy again at their next purchase. They are lost when they have not bought "
        "anything for {lost}, and from the end of that time on (who comes back later was lost "
        "nevertheless). Whose time has not come to either when the window ends is open, and counts as "
        "long as it was watched: shares are Kaplan and Meier's estimate (1958), with Greenwood's interval"
        " (95 %), in whole days of 24 hours; who is open after so many days is still counted for those "
        "lost after as many. Groups are by the number of channels with an act in the {lost} up to and "
        "with that first purchase, so nobody is in a group for what they did later.",
        customer=CUSTOMER,
        act=ACT,
        report=money(plan.report),
        lost=lost,
    )


def _run(basis: Basis) -> Found:
    basis.need("money", "happened")
    if not basis.report.purchases:
        return Found(lacks=(NO_PURCHASES,))
    lost, until = basis.report.lost_after, basis.window.until
    found = basis.rows(f"""
        WITH bought AS (
            SELECT customer, seq, instant, lead(instant) OVER (PARTITION BY customer ORDER BY seq) AS next
            FROM money WHERE purchase AND instant >= $since
        ), first AS (
            SELECT customer, min(instant) AS start, arg_min(next, seq) AS again,
                   min(instant) FILTER (coalesce(next, {until}) - instant > {lost}) + {lost} AS gone
            FROM bought GROUP BY customer
        ), used AS (
            SELECT customer, count(DISTINCT channel) AS channels
            FROM first JOIN happened USING (customer)
            WHERE act AND instant > start - {lost} AND instant <= start GROUP BY customer
        ), lives AS (
            SELECT customer, coalesce(channels, 0) AS channels,
                   (coalesce(again, {until}) - start) // {DAY} AS again_days, again IS NOT NULL AS bought_again,
                   (coalesce(gone, {until}) - start) // {DAY} AS lost_days, gone IS NOT NULL AS lost
            FROM first LEFT JOIN used USING (customer)
        )
        SELECT 'again', channels, again_days, count(*) FILTER (bought_again), count(*) FILTER (NOT bought_again)
        FROM lives GROUP BY ALL
        UNION ALL
        SELECT 'lost', channels, lost_days, count(*) FILTER (lost), count(*) FILTER (NOT lost) FROM lives GROUP BY ALL
        ORDER BY ALL""")
    if not found:
        return Found(lacks=(NONE_BOUGHT,))
    times: dict[tuple[str, str], dict[float, tuple[int, int]]] = defaultdict(dict)
    for what, channels, days, events, censored in found:
        for group in ("all", str(channels)):
            one = times[str(what), group]
            before = one.get(float(days or 0), (0, 0))
            one[float(days or 0)] = before[0] + int(events or 0), before[1] + int(censored or 0)
    tables, charts = [], []
    for what, title, open_, verb in (
        ("again", Words("Until they buy again"), Words("not yet"), Words("bought again")),
        ("lost", Words("Until they are lost"), Words("still customers"), Words("lost")),
    ):
        rows: list[tuple[Cell, ...]] = []
        lines = []
        groups = sorted((group for each, group in times if each == what), key=lambda each: (each != "all", each))
        for group in groups:
            counts = [(days, *both) for days, both in times[what, group].items()]
            steps = survival(counts)
            rows += _rows(group, counts, steps)
            values, at = (1.0, *(s.share for s in steps)), (0.0, *(s.time for s in steps))
            low, high = (1.0, *(s.low for s in steps)), (1.0, *(s.high for s in steps))
            lines.append(Series(own(group), values, at, low, high))
        titles = (
            Column("channels"),
            Column("customers", "count"),
            Column(verb, "count"),
            Column("half of them after", "days"),
            Column("after", "days"),
            Column(open_, "share", "low", "high"),
            Column("low", "share"),
            Column("high", "share"),
        )
        tables.append(
            Table(
                title,
                titles,
                tuple(rows),
                Words("The share of customers who are {open}, after so many days.", open=open_),
            )
        )
        charts.append(
            Chart("lines", title, "share", series=tuple(lines), x_title=Words("days"), x_unit="days", steps=True)
        )
    return Found(tuple(tables), tuple(charts))


def _rows(group: str, counts: list[tuple[float, int, int]], steps: list[Step]) -> list[tuple[Cell, ...]]:
    """One row for each number of days that somebody was watched for."""
    watched = max(days for days, _, _ in counts)
    customers, events = (sum(a + b for _, a, b in counts), sum(a for _, a, _ in counts))
    days: list[float] = [each for each in AFTER if each <= watched] or [watched]
    return [(own(group), customers, events, median(steps), each, *at(steps, each)) for each in days]


MEASURE = Measure("churn", Words("Churn, with open windows"), Words("purchases"), _definition, _run)
