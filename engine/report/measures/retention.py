"""Retention and repeat by number of channels: who of yesterday's buyers is back, and who buys more than once."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import N_, Words
from engine.report.decisions.interval import wilson
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Chart, Column, Found, Measure, Series, Table
from engine.report.measures.words import ACT, CUSTOMER, NO_PURCHASES, money

NOBODY_BEFORE = Words(
    "Retention: nobody bought anything in the time before the window (as long as the window): choose "
    "a shorter one, or wait."
)


def _definition(plan: Plan) -> str:
    return Words(
        "{customer} {act} {report} Retained is who bought in the time before the window, which is as long"
        " as the window, and bought again in the window; grouped by the number of channels with an act in"
        " that time before. Repeat buyers are those with two purchases or more in the window, of those "
        "with one or more; grouped by the number of channels in the window (who buys more often has more "
        "occasions to use another channel, so this says nothing of causes). Between purchases: the median"
        " time from each purchase in the window to the same customer's next one in it. Channels 0: the "
        "purchases had no channel. Shares have Wilson's interval (95 %).",
        customer=CUSTOMER,
        act=ACT,
        report=money(plan.report),
    )


def _run(basis: Basis) -> Found:
    basis.need("money", "used", "spent", "earlier")
    if not basis.report.purchases:
        return Found(lacks=(NO_PURCHASES,))
    retained = basis.rows("""
        SELECT earlier.channels, count(*), count(*) FILTER (spent.purchases > 0)
        FROM earlier LEFT JOIN spent USING (customer) WHERE earlier.purchases > 0
        GROUP BY earlier.channels ORDER BY earlier.channels""")
    repeated = basis.rows("""
        WITH bought AS (
            SELECT customer, lead(instant) OVER (PARTITION BY customer ORDER BY seq) - instant AS pause
            FROM money WHERE purchase AND instant >= $since
        ), gaps AS (
            SELECT coalesce(channels, 0) AS channels, median(pause) AS between
            FROM bought LEFT JOIN used USING (customer) GROUP BY 1
        )
        SELECT coalesce(used.channels, 0), count(*), count(*) FILTER (purchases > 1),
               any_value(gaps.between)
        FROM spent LEFT JOIN used USING (customer) LEFT JOIN gaps ON gaps.channels = coalesce(used.channels, 0)
        WHERE purchases > 0 GROUP BY 1 ORDER BY 1""")
    tables = []
    if retained:
        tables.append(
            Table(
                Words("Retention"),
                _titles(Words("buyers before"), Words("bought again")),
                tuple(map(_shares, retained)),
            )
        )
    if repeated:
        titles = (*_titles("buyers", Words("more than once")), Column("between purchases", "ms"))
        rows = tuple((*_shares(row[:3]), row[3]) for row in repeated)
        tables.append(
            Table(
                Words.named("Repeat", N_("Repeat buying")),
                titles,
                rows,
                Words("Who buys more often meets more channels: no cause is shown."),
            )
        )
    charts = tuple(
        Chart(
            "bars",
            Words("{title} by number of channels", title=each.title),
            "share",
            labels=tuple(str(row[0]) for row in each.rows),
            series=(Series(each.columns[3].title, tuple(float(row[3] or 0) for row in each.rows)),),
        )
        for each in tables
    )
    lacks = () if retained else (NOBODY_BEFORE,)
    return Found(tuple(tables), charts, lacks if repeated else (*lacks, Words("Repeat: nobody bought in the window.")))


def _titles(all_of_them: str, those: str) -> tuple[Column, ...]:
    return (
        Column("channels", "count"),
        Column(all_of_them, "count"),
        Column(those, "count"),
        Column("share", "share", "low", "high"),
        Column("low", "share"),
        Column("high", "share"),
    )


def _shares(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    channels, customers, those = row
    found = wilson(float(those or 0), float(customers or 0))
    return channels, customers, those, found.value, found.low, found.high


MEASURE = Measure(
    "retention", Words("Retention and repeat"), Words("purchases, and a time before the window"), _definition, _run
)
