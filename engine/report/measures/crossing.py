"""Crossing: web-to-store, store-to-web, what is bought while collecting, and sales that an associate helped with."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.decisions.interval import wilson
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Column, Found, Measure, Table
from engine.report.measures.shared import text_of, texts
from engine.report.measures.words import ACT, CUSTOMER, NO_PURCHASES, listed, money, span

VISIT = 2 * 3_600_000


def _definition(plan: Plan) -> str:
    report = plan.report
    helped = (
        Words("{each} names its id ({each2})", each=report.assisted[0], each2=report.assisted[1])
        if report.assisted is not None
        else Words("(undeclared)")
    )
    return Words(
        "{customer} {act} {report} Physical channels: {physical}; digital: {digital}. Web-to-store are "
        "purchases on a physical channel of customers who had an act on a digital one at most {linked} "
        "before; store-to-web the other way round. Click-and-collect: of the collections ({what}), those "
        "with a purchase of that customer on a physical channel at most {visit} before or after; the "
        "order that is collected is none, as far as both tell its id. Assisted are purchases of which "
        "{helped}, before or after; the share of revenue is of the revenue of purchases. Intervals are "
        "Wilson's (95 %).",
        customer=CUSTOMER,
        act=ACT,
        report=money(report),
        physical=listed(report.physical),
        digital=listed(report.digital),
        linked=span(report.linked),
        what=report.collected or Words("undeclared"),
        visit=span(VISIT),
        helped=helped,
    )


def _run(basis: Basis) -> Found:
    report = basis.report
    if not report.purchases:
        return Found(lacks=(NO_PURCHASES,))
    basis.need("happened", "money")
    physical, digital = texts(report.physical), texts(report.digital)
    rows: list[tuple[Cell, ...]] = []
    lacks: list[str] = []
    for name, to, before in ((Words("web-to-store"), physical, digital), (Words("store-to-web"), digital, physical)):
        row = basis.one(f"""
            WITH acts AS (SELECT customer, seq, instant AS did FROM happened WHERE act AND channel IN ({before}))
            SELECT count(*), count(*) FILTER (bought.instant - did <= {report.linked}), sum(revenue),
                   sum(revenue) FILTER (bought.instant - did <= {report.linked})
            FROM (SELECT * FROM money WHERE purchase AND instant >= $since AND channel IN ({to})) AS bought
            ASOF LEFT JOIN acts ON acts.customer = bought.customer AND acts.seq < bought.seq""")
        if row[0]:
            rows.append((name, *_counted(row)))
        else:
            lacks.append(Words("{name}: nobody has bought anything on these channels in the window.", name=name))
    for name, found in ((Words("click-and-collect attach"), _attached(basis)), (Words("assisted"), _assisted(basis))):
        if isinstance(found, str):
            lacks.append(found)
        else:
            rows.append((name, *found))
    titles = (
        Column("what"),
        Column("of", "count"),
        Column("those", "count"),
        Column("share", "share", "low", "high"),
        Column("low", "share"),
        Column("high", "share"),
        Column("their revenue", "money"),
        Column("share of revenue", "share"),
    )
    meaning = Words("Of purchases on the channels it goes to; of collections; of all purchases.")
    return Found(
        (Table(Words("Between the channels"), titles, tuple(rows), meaning),) if rows else (), (), tuple(lacks)
    )


def _counted(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """(all, those, revenue of all, revenue of those) with shares."""
    every, those, revenue, of_those = row
    share = wilson(float(those or 0), float(every or 0))
    part = float(of_those or 0) / float(revenue) if revenue else None
    return every, those, share.value, share.low, share.high, of_those or 0.0, part


def _attached(basis: Basis) -> tuple[Cell, ...] | str:
    report = basis.report
    if not report.collected:
        return Words(
            "Click-and-collect: no event says that an order is collected. Declare `report: collected: order_collected`."
        )
    ids = sorted({each.id for each in report.purchases if each.id})
    own = f"coalesce({', '.join(text_of(each) for each in ids)})" if ids else "NULL"
    row = basis.one(f"""
        WITH collected AS (
            SELECT seq, customer, instant, CAST({own} AS VARCHAR) AS id FROM happened
            WHERE event = {quoted(report.collected)} AND instant >= $since
        ), near AS (
            SELECT customer, seq, instant, id, revenue, unnest([-1, 0, 1]) + instant // {VISIT} AS visit
            FROM money WHERE purchase AND channel IN ({texts(report.physical)})
        ), also AS (
            SELECT collected.seq, sum(revenue) AS revenue
            FROM collected JOIN near ON near.customer = collected.customer AND visit = collected.instant // {VISIT}
                 AND near.seq <> collected.seq AND abs(near.instant - collected.instant) <= {VISIT}
                 AND (near.id IS NULL OR collected.id IS NULL OR near.id <> collected.id)
            GROUP BY collected.seq
        )
        SELECT count(*), count(also.seq), sum(revenue) FROM collected LEFT JOIN also USING (seq)""")
    if not row[0]:
        return Words(
            "Click-and-collect: nobody has collected anything in the window ({collected}).", collected=report.collected
        )
    return (*_counted((row[0], row[1], None, None))[:5], row[2] or 0.0, None)


def _assisted(basis: Basis) -> tuple[Cell, ...] | str:
    report = basis.report
    if report.assisted is None:
        return Words(
            "Assisted sales: no event says that an associate helped. Declare `report: assisted: {event: ..., by: ...}`."
        )
    if not any(each.id for each in report.purchases):
        return Words(
            "Assisted sales: purchases have no id. Declare it: `report: purchases: {order_placed: {id: order_id}}`."
        )
    event, by = report.assisted
    row = basis.one(f"""
        WITH helped AS (SELECT DISTINCT customer, {text_of(by)} AS id FROM happened WHERE event = {quoted(event)})
        SELECT count(*), count(helped.id), sum(revenue), sum(revenue) FILTER (helped.id IS NOT NULL),
               (SELECT count(*) FROM helped WHERE id IS NOT NULL)
        FROM (SELECT * FROM money WHERE purchase AND instant >= $since) LEFT JOIN helped USING (customer, id)""")
    if not row[0]:
        return Words("Assisted sales: nobody has bought anything in the window.")
    if not row[4]:
        return Words("Assisted sales: no {event} with {by} has been told.", event=event, by=by)
    return _counted(row[:4])


MEASURE = Measure("crossing", Words("Between the channels"), Words("purchases with channels"), _definition, _run)
