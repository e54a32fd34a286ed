"""Value by number of channels: what customers bring, have brought and may bring, beside comparisons that ask why."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.span import DAY
from engine.model.words import Words
from engine.report.measures.basis import Basis
from engine.report.measures.compared import HELD_OUT, MATCHED, held_out, matched
from engine.report.measures.measure import Cell, Chart, Found, Measure, Series, Table, columns
from engine.report.measures.words import ACT, CUSTOMER, NO_ACTS, NO_PURCHASES, money

YEAR = 365 * DAY


def _definition(plan: Plan) -> str:
    return Words(
        "{customer} {act} {report} Customers are grouped by the number of channels on which they have an "
        "act in the window (0: they only bought or got money back, and no channel was said); the index is"
        " revenue per customer divided by that of customers on one channel. Lifetime value is margin, or "
        "revenue where no margin is known. Observed is all that they have brought up to the end of the "
        "window, as far back as the archive goes. Projected is what they are expected to bring after it: "
        "m r / (1 + i - r) (Gupta and Lehmann 2003), with m what a customer of the group brought in the "
        "window, r the share of the buyers of the time before (as long as the window, by the number of "
        "channels then) who bought again in the window, and i what money costs in that time "
        "({discount:.6g} a year, compounded). That customers on several channels are worth more does not "
        "mean that channels make them so: who buys much is seen everywhere. So: {matched} {held_out}",
        customer=CUSTOMER,
        act=ACT,
        report=money(plan.report),
        discount=plan.report.discount,
        matched=MATCHED,
        held_out=HELD_OUT,
    )


def projected(brought: float, retained: float, rate: float) -> float | None:
    """Gupta and Lehmann's lifetime value: sum over t >= 1 of brought x retained^t / (1 + rate)^t; None: endless."""
    return brought * retained / (1 + rate - retained) if 1 + rate > retained else None


def _run(basis: Basis) -> Found:
    basis.need("used", "spent", "earlier")
    if not basis.report.purchases:
        return Found(lacks=(NO_PURCHASES,))
    groups = basis.rows("""
        WITH ever AS (SELECT customer, sum(margin) AS margin, sum(revenue) AS revenue FROM money GROUP BY customer)
        SELECT coalesce(channels, 0), count(*), count(*) FILTER (purchases > 0), coalesce(sum(purchases), 0),
               coalesce(sum(spent.revenue), 0), sum(spent.margin), coalesce(sum(ever.margin), sum(ever.revenue), 0)
        FROM used FULL JOIN spent USING (customer) LEFT JOIN ever USING (customer) GROUP BY 1 ORDER BY 1""")
    if not groups:
        return Found(lacks=(NO_ACTS,))
    stayed = basis.rows("""
        SELECT earlier.channels, count(*), count(*) FILTER (spent.purchases > 0) / count(*) FROM earlier
        LEFT JOIN spent USING (customer) WHERE earlier.purchases > 0 GROUP BY earlier.channels""")
    retained = {row[0]: row[1:] for row in stayed}
    span = (basis.window.until - basis.window.since) / YEAR
    rate = (1 + basis.report.discount) ** span - 1
    one = next((_float(row[4]) / int(row[1] or 0) for row in groups if row[0] == 1), None)
    rows = []
    for channels, customers, buyers, purchases, revenue, margin, ever in groups:
        assert isinstance(customers, int)
        per = _float(revenue) / customers
        brought = (_float(margin) if margin is not None else _float(revenue)) / customers
        before, again = retained.get(channels, (0, None))
        clv = projected(brought, _float(again), rate) if again is not None else None
        index = per / one if one else None
        cells: tuple[Cell, ...] = (channels, customers, buyers, purchases, revenue, margin, per)
        rows.append((*cells, index, _float(ever) / customers, before, again, clv))
    lacks: list[str] = []
    if not retained:
        lacks.append(
            Words(
                "Projected lifetime value: nobody bought anything in the time before the window, so nothing is "
                "known of who stays. Choose a shorter window, or wait."
            )
        )
    if all(row[5] is None for row in rows):
        lacks.append(
            Words(
                "Margin: no event says it. Declare its property under `report: purchases:`, or `report: margin: 30%`."
            )
        )
    table = Table(
        Words("Value by number of channels"),
        columns(
            {
                "channels": "count",
                "customers": "count",
                "buyers": "count",
                "purchases": "count",
                "revenue": "money",
                "margin": "money",
                "revenue per customer": "money",
                "index": "index",
                "lifetime value, observed": "money",
                "buyers before": "count",
                "retained": "share",
                "lifetime value, projected": "money",
            }
        ),
        tuple(rows),
        Words("A correlation, and no effect of channels: see the comparisons below."),
    )
    chart = Chart(
        "bars",
        Words("Revenue per customer by number of channels"),
        "money",
        labels=tuple(str(row[0]) for row in rows),
        series=(Series(Words("revenue per customer"), tuple(_float(row[6]) for row in rows)),),
    )
    tables = [table]
    for compared, missing in (matched(basis), held_out(basis)):
        tables += [compared] if compared is not None else []
        lacks += [missing] if missing else []
    return Found(tuple(tables), (chart,), tuple(lacks))


def _float(cell: Cell) -> float:
    return float(cell or 0)


MEASURE = Measure(
    "value", Words("Value by number of channels"), Words("purchases, and events with a channel"), _definition, _run
)
