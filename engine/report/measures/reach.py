"""Reach: on how many channels customers are, and whether they are in shops and on screens."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Chart, Found, Measure, Series, Table, columns
from engine.report.measures.words import ACT, CUSTOMER, NO_ACTS, listed, with_own

PAIRS = 10


def _definition(plan: Plan) -> str:
    report = plan.report
    return Words(
        "{customer} {act} A channel is used by a customer who has at least one act on it in the window. "
        "Omnichannel are those with at least one physical channel ({physical}) and at least one digital "
        "one ({digital}). Buyers have at least one purchase in the window. Shares are of all customers "
        "with an act in the window.",
        customer=CUSTOMER,
        act=ACT,
        physical=listed(report.physical),
        digital=listed(report.digital),
    )


def _run(basis: Basis) -> Found:
    basis.need("used", "spent")
    (customers,) = basis.one("SELECT count(*) FROM used")
    if not customers:
        return Found(lacks=(NO_ACTS,))
    by_number = basis.rows(f"""
        SELECT channels, count(*), count(*) / {customers}, count(*) FILTER (purchases > 0)
        FROM used LEFT JOIN spent USING (customer) GROUP BY channels ORDER BY channels""")
    kinds = basis.rows(f"""
        SELECT kind, count(*), count(*) / {customers}, count(*) FILTER (purchases > 0) FROM (
            SELECT CASE WHEN physical AND digital THEN 'physical and digital (omnichannel)'
                        WHEN physical THEN 'physical only' WHEN digital THEN 'digital only' ELSE 'neither'
                   END AS kind, purchases
            FROM used LEFT JOIN spent USING (customer)) GROUP BY kind ORDER BY 2 DESC, kind""")
    channels = basis.rows(f"""
        SELECT channel, count(DISTINCT customer), count(DISTINCT customer) / {customers}, count(*)
        FROM happened WHERE act AND instant >= $since GROUP BY channel ORDER BY 2 DESC, channel""")
    sets = basis.rows(f"""
        SELECT channels, count(*), count(*) / {customers} FROM (
            SELECT customer, string_agg(channel, ' + ' ORDER BY channel) AS channels
            FROM (SELECT DISTINCT customer, channel FROM happened WHERE act AND instant >= $since) GROUP BY customer)
        GROUP BY channels ORDER BY 2 DESC, channels LIMIT {PAIRS}""")
    return Found(
        tables=(
            Table(
                Words("Customers by number of channels"),
                columns(
                    {
                        "channels": "count",
                        "customers": "count",
                        "share": "share",
                        "buyers": "count",
                    }
                ),
                by_number,
            ),
            Table(
                Words("Physical and digital"),
                columns(
                    {
                        "channels": "text",
                        "customers": "count",
                        "share": "share",
                        "buyers": "count",
                    }
                ),
                with_own(kinds, 0),
            ),
            Table(
                Words("Channels"),
                columns(
                    {
                        "channel": "text",
                        "customers": "count",
                        "share": "share",
                        "acts": "count",
                    }
                ),
                channels,
                Words("A customer on two channels is in two rows."),
            ),
            Table(
                Words("Which channels together"),
                columns({"channels": "text", "customers": "count", "share": "share"}),
                sets,
                Words("The {pairs} most frequent sets.", pairs=PAIRS),
            ),
        ),
        charts=(
            Chart(
                "bars",
                Words("Share of customers by number of channels"),
                "share",
                labels=tuple(str(row[0]) for row in by_number),
                series=(Series(Words("customers"), tuple(float(row[2] or 0) for row in by_number)),),
            ),
        ),
    )


MEASURE = Measure("reach", Words("Reach"), Words("events with a channel"), _definition, _run)
