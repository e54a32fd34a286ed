"""Abandonment: where people give up, which baskets come back, and how many of these only because of a journey."""

from __future__ import annotations

from math import inf

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.decisions.interval import Spread, difference, wilson
from engine.report.measures import paths
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Chart, Column, Found, Measure, Series, Table
from engine.report.measures.shared import text_of, texts
from engine.report.measures.words import ACT, CUSTOMER, either, every_journey, money, span

NO_BASKETS = Words(
    "Abandoned baskets: no event says that a basket changes. Declare `report: baskets: {touched: "
    "[...], by: ...}`, or send `basket_updated` with a `basket_id`."
)
NO_HOLDOUT = Words(
    "Incremental recovery: nobody who started a journey long enough before the end of the window was "
    "held out. Without a `holdout: 10%` of a journey (or a `global_holdout` of the policies) nobody "
    "knows who would have come back anyway."
)
WITHIN = 7 * 86_400_000


def _definition(plan: Plan) -> str:
    report = plan.report
    baskets = Words("No event says that a basket changes.")
    if report.baskets is not None:
        each = report.baskets
        baskets = Words(
            "A basket is known by its customer and {by}. It is abandoned {after} after {touched} when until "
            "then there is no other change of it, no {what} of it and no purchase of that customer; each "
            "counts once, at the first time in the window. It is recovered by a purchase of that customer, on"
            " any channel, at most {within} later; while that time has not passed and nothing was bought it "
            "is open, and in no share. Its channel is that of its last change.",
            by=each.by,
            after=span(each.after),
            touched=either(each.touched),
            what=either(each.emptied) or Words("emptying"),
            within=span(each.within),
        )
    return Words(
        "{customer} {act} {report} {definition} Where people abandon is the last stop of a path that ends"
        " with DROP. {baskets} Incremental: customers who started a journey in the window, and {plan} "
        "before its end, in the group that chance put them in: the share that bought within that time of "
        "their first start, held out or not, and the difference (Welch's normal interval, 95 %). "
        "Incremental purchases are that difference times those who were not held out: the others would "
        "have come back by themselves.",
        customer=CUSTOMER,
        act=ACT,
        report=money(report),
        definition=paths.definition(report),
        baskets=baskets,
        plan=_within(plan),
    )


def _within(plan: Plan) -> str:
    return span(plan.report.baskets.within if plan.report.baskets is not None else WITHIN)


def _run(basis: Basis) -> Found:
    basis.need("stops")
    ends = basis.rows(f"""
        SELECT channel, count(*), count(*) FILTER (ending = '{paths.DROP}'),
               count(*) FILTER (ending = '{paths.DROP}') / count(*)
        FROM stops WHERE next IS NULL AND ending <> 'OPEN' GROUP BY channel ORDER BY 3 DESC, channel""")
    tables = []
    if ends:
        titles = (
            Column("last channel", "text"),
            Column("paths", "count"),
            Column("abandoned", "count"),
            Column("share", "share"),
        )
        tables.append(
            Table(
                Words("Where people abandon"),
                titles,
                ends,
                Words("Paths that have ended, by the channel of their last act."),
            )
        )
    lacks: list[str] = [] if ends else [Words("Where people abandon: no path has ended in the window.")]
    for made, missing in (_baskets(basis), _incremental(basis)):
        tables += [made] if made is not None else []
        lacks += [missing] if missing else []
    charts = tuple(
        Chart(
            "funnel",
            Words("Baskets"),
            "count",
            labels=(Words("abandoned, and time has passed"), Words("recovered")),
            series=(
                Series(Words("baskets"), tuple(float(sum(int(row[at] or 0) for row in each.rows)) for at in (3, 4))),
            ),
        )
        for each in tables
        if each.title == "Abandoned baskets"
    )
    return Found(tuple(tables), charts, tuple(lacks))


def _baskets(basis: Basis) -> tuple[Table | None, str]:
    report, until = basis.report, basis.window.until
    if report.baskets is None:
        return None, NO_BASKETS
    after, within = report.baskets.after, report.baskets.within
    found = basis.rows(f"""
        WITH changes AS (
            SELECT customer, {text_of(report.baskets.by)} AS basket, seq, instant, channel,
                   event IN ({texts(report.baskets.touched)}) AS touched
            FROM happened WHERE event IN ({texts((*report.baskets.touched, *report.baskets.emptied))})
        ), followed AS (
            SELECT *, lead(instant) OVER (PARTITION BY customer, basket ORDER BY seq) AS next FROM changes
            WHERE basket IS NOT NULL
        ), bought AS (SELECT customer, seq, instant AS bought FROM money WHERE purchase), left_ AS (
            SELECT followed.*, bought.bought
            FROM followed ASOF LEFT JOIN bought ON bought.customer = followed.customer AND bought.seq > followed.seq
            WHERE touched
        ), abandoned AS (
            SELECT customer, basket, min(instant) + {after} AS instant, arg_min(channel, seq) AS channel,
                   arg_min(bought, seq) AS bought
            FROM left_
            WHERE coalesce(next, {until}) - instant > {after} AND coalesce(bought, {until}) - instant > {after}
              AND instant + {after} >= $since
            GROUP BY customer, basket
        )
        SELECT coalesce(nullif(channel, ''), 'no channel') AS channel, count(*),
               count(*) FILTER (bought IS NULL AND instant + {within} >= {until}),
               count(*) FILTER (bought IS NOT NULL OR instant + {within} < {until}),
               count(*) FILTER (bought <= instant + {within})
        FROM abandoned GROUP BY 1 ORDER BY 2 DESC, 1""")
    if not found:
        return None, Words("Abandoned baskets: none in the window.")
    titles = (
        Column("channel"),
        Column("abandoned", "count"),
        Column("open", "count"),
        Column("decided", "count"),
        Column("recovered", "count"),
        Column("share", "share", "low", "high"),
        Column("low", "share"),
        Column("high", "share"),
    )
    rows = []
    for row in found:
        share = wilson(float(row[4] or 0), float(row[3] or 0))
        known = bool(row[3])
        rows.append((*row, share.value if known else None, *((share.low, share.high) if known else (None, None))))
    meaning = Words(
        "Recovered, of those whose time has passed or that were bought; by the channel of the basket's last change."
    )
    return Table(Words("Abandoned baskets"), titles, tuple(rows), meaning), ""


def _incremental(basis: Basis) -> tuple[Table | None, str]:
    basis.need("exposed", "money")
    within = basis.report.baskets.within if basis.report.baskets is not None else WITHIN
    found = basis.rows(f"""
        WITH units AS (
            SELECT journey, customer, instant, control FROM exposed
            UNION ALL
            SELECT 'all journeys', customer, min(instant), arg_min(everywhere, instant) FROM exposed GROUP BY customer
        ), won AS (
            SELECT journey, units.customer, control, count(money.seq) > 0 AS won
            FROM units LEFT JOIN money ON money.customer = units.customer AND money.purchase
                 AND money.instant > units.instant AND money.instant <= units.instant + {within}
            WHERE units.instant + {within} < $until GROUP BY ALL
        )
        SELECT journey, count(*) FILTER (NOT control), count(*) FILTER (NOT control AND won),
               count(*) FILTER (control), count(*) FILTER (control AND won)
        FROM won GROUP BY journey HAVING bool_or(control) AND bool_or(NOT control)
        ORDER BY journey = 'all journeys' DESC, journey""")
    if not found:
        return None, NO_HOLDOUT
    rows = []
    for journey, treated, won, control, base in found:
        one, other = _of(treated, won), _of(control, base)
        made = difference(one, other)
        low, high = (each if abs(each) < inf else None for each in (made.low, made.high))
        extra = made.value * one.units
        rows.append(
            (
                every_journey(str(journey)),
                treated,
                one.mean,
                control,
                other.mean,
                made.value,
                low,
                high,
                extra,
            )
        )
    titles = (
        Column("journey"),
        Column("customers", "count"),
        Column("bought", "share"),
        Column("held out", "count"),
        Column("held out: bought", "share"),
        Column("difference", "share", "low", "high"),
        Column("low", "share"),
        Column("high", "share"),
        Column("incremental purchases", "number"),
    )
    return Table(Words("Incremental recovery"), titles, tuple(rows), Words("'all journeys': the global holdout.")), ""


def _of(units: Cell, won: Cell) -> Spread:
    """The spread of so many zeros and ones."""
    n, k = int(units or 0), int(won or 0)
    mean = k / n
    return Spread(mean, mean * (1 - mean) / (n - 1) if n > 1 else float("nan"), n)


MEASURE = Measure(
    "abandonment",
    Words("Abandonment and recovery"),
    Words("baskets and purchases; a holdout for what is incremental"),
    _definition,
    _run,
)
