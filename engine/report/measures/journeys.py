"""Journeys: how far customers come in each, how many reach the goal, and how many more than without a message."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.decisions.interval import LEVEL, Estimate, Spread, difference, relative, wilson
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Chart, Column, Found, Measure, Series, Table, Unit, columns, rows_of
from engine.report.measures.words import own, with_own

MOST_CHARTS = 6
NO_HOLDOUT = Words(
    "No journey has a holdout (`holdout: 10%`): how much of this the messages brought about is not known."
)


def _definition(plan: Plan) -> str:
    return Words(
        "The runs that started within the window, followed to its end, by journey and version of its "
        "steps. A run came to a step when it was there at least once; with `if` and `split` not all runs "
        "pass all steps. It reached its goal when it ended by it. The funnel is of the runs that nobody "
        "held out. Beside the holdout each customer counts once for a journey and version: whether any of"
        " their runs reached the goal; shares have Wilson's interval, the difference of the two shares a "
        "normal one (Welch), and the relative difference that of the delta method, all at {level:.0%}. "
        "'started' compares everybody who started; 'a message' those whose run came to its first message,"
        " which was sent, held, refused, expired, or kept back by the holdout: there the two groups "
        "differ by nothing but the message, and less by chance.",
        level=LEVEL,
    )


def _runs(basis: Basis) -> None:
    """The tables `runs` (one row for a run) and `reached` (one row for each step that a run came to)."""
    db, window = basis.db, basis.window
    inside = f"decided < {window.until}"
    kinds = "('sent', 'held', 'refused', 'expired', 'cancelled', 'withdrawn', 'held_out', 'unknown', 'retried')"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE begun AS SELECT id, profile, customer, journey, version, key, decided,"
        " coalesce(json_extract_string(nullif(extra, ''), '$.arm'), '') AS arm"
        " FROM outcomes JOIN customers USING (profile) WHERE kind = 'started'"
        f" AND decided >= {window.since} AND {inside}"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE over AS SELECT id, any_value(rule) AS rule, min(decided) AS decided FROM outcomes"
        f" WHERE kind = 'ended' AND {inside} AND id IN (SELECT id FROM begun) GROUP BY id"
    )
    # Of a merged customer the run that went on may have begun under the other name: what is told after its end
    # belongs to none that had ended before, unless no other is there.
    db.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT b.id, m.step, m.kind, m.decided FROM"
        " (SELECT row_number() OVER () AS number, profile, customer, journey, key, step, kind, decided"
        " FROM outcomes JOIN customers USING (profile)"
        f" WHERE kind IN {kinds} AND journey <> '' AND decided >= {window.since} AND {inside}) m"
        " JOIN begun b ON m.customer = b.customer AND m.journey = b.journey AND m.key = b.key"
        " AND m.decided >= b.decided LEFT JOIN over e ON e.id = b.id"
        " QUALIFY row_number() OVER (PARTITION BY m.number ORDER BY coalesce(e.decided, m.decided) >= m.decided DESC,"
        " b.profile = m.profile DESC, b.decided DESC, b.id) = 1"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE runs AS SELECT b.*, e.rule AS ended, m.id IS NOT NULL AS met,"
        " b.arm <> '' OR coalesce(m.silent, false) AS held_out FROM begun b"
        " LEFT JOIN over e USING (id)"
        " LEFT JOIN (SELECT id, bool_or(kind = 'held_out') AS silent FROM met GROUP BY id) m USING (id)"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE reached AS SELECT id, step, min(decided) AS decided,"
        " bool_or(kind = 'sent') AS sent FROM ("
        " SELECT id, step, kind, decided FROM met UNION ALL"
        f" SELECT id, step, 'step', decided FROM steps WHERE {inside} AND id IN (SELECT id FROM begun) UNION ALL"
        " SELECT id, step, 'step', decided FROM outcomes WHERE kind IN ('split', 'suggested', 'suppressed', 'chosen',"
        f" 'called') AND {inside} AND id IN (SELECT id FROM begun)) WHERE step <> '' GROUP BY id, step"
    )


def _steps(basis: Basis) -> dict[tuple[str, str], list[tuple[Cell, ...]]]:
    """For each journey and version the rows of its funnel, in the order of the steps."""
    rows = basis.db.execute(
        "SELECT r.journey, r.version, s.step, count(*), count(*) FILTER (s.sent), avg(s.decided - r.decided)"
        " FROM reached s JOIN runs r USING (id) WHERE NOT r.held_out GROUP BY ALL"
    ).fetchall()
    totals = basis.db.execute(
        "SELECT journey, version, count(*), count(*) FILTER (ended = 'goal') FROM runs WHERE NOT held_out"
        " GROUP BY ALL ORDER BY count(*) DESC, journey, version"
    ).fetchall()
    by: dict[tuple[str, str], list[tuple[float, str, int, int]]] = {}
    for journey, version, step, came, sent, after in rows:
        by.setdefault((journey, version), []).append((after, step, came, sent))
    found: dict[tuple[str, str], list[tuple[Cell, ...]]] = {}
    for journey, version, started, goals in totals:
        known = basis.plan.journey(journey, version)
        last = (
            [(journey, version, own("goal"), goals, goals / started, None)]
            if _has_goal(basis, journey, version, goals)
            else []
        )
        order = {step: place for place, step in enumerate(known.steps)} if known is not None else {}
        steps = sorted(
            by.get((journey, version), []), key=lambda each: (order.get(each[1], len(order)), each[0], each[1])
        )
        head: tuple[Cell, ...] = (journey, version)
        found[journey, version] = [
            (*head, own("started"), started, 1.0, None),
            *((*head, step, came, came / started, sent or None) for _, step, came, sent in steps),
            *last,
        ]
    return found


def _has_goal(basis: Basis, journey: str, version: str, reached: int) -> bool:
    """Whether there is anything to reach: somebody has, or the journey as it is known says so."""
    known = basis.plan.journey(journey, version) or basis.plan.journeys.get(journey)
    return reached > 0 or known is None or bool(known.goal)


def _funnels(basis: Basis) -> tuple[Table, tuple[Chart, ...]]:
    found = _steps(basis)
    table = Table(
        Words("How far runs come"),
        columns(
            {
                "journey": "text",
                "version": "text",
                "step": "text",
                "runs": "count",
                "share": "share",
                "messages sent to": "count",
            }
        ),
        tuple(row for rows in found.values() for row in rows),
        Words("Of runs that nobody held out; the share is of those that started."),
    )
    several = {journey for journey, _ in found if sum(name == journey for name, _ in found) > 1}
    charts = []
    for (journey, version), rows in list(found.items())[:MOST_CHARTS]:
        title = f"{journey} ({version})" if journey in several else journey
        values = tuple(float(row[3] or 0) for row in rows)
        charts.append(
            Chart("funnel", title, "count", tuple(str(row[2]) for row in rows), (Series(Words("runs"), values),))
        )
    return table, tuple(charts)


def _ends(basis: Basis) -> Table:
    rows = basis.db.execute(
        "SELECT journey, version, coalesce(ended, 'still running'), count(*) FILTER (NOT held_out),"
        " count(*) FILTER (held_out), count(*) FILTER (NOT held_out)"
        " / nullif(sum(count(*) FILTER (NOT held_out)) OVER (PARTITION BY journey, version), 0)"
        " FROM runs GROUP BY journey, version, ended ORDER BY journey, version, count(*) DESC, 3"
    ).fetchall()
    units: dict[str, Unit] = {
        "journey": "text",
        "version": "text",
        Words("ended by"): "text",
        "runs": "count",
        "held out": "count",
    }
    return Table(Words("How runs end"), columns({**units, "share": "share"}), with_own(rows_of(rows), 2))


def _goals(basis: Basis) -> tuple[tuple[Table, ...], tuple[Chart, ...]]:
    """How many reached the goal, and beside the holdout where there is one."""
    rows = basis.db.execute(
        "WITH each AS (SELECT journey, version, customer, held_out, bool_or(ended = 'goal') AS goal,"
        " bool_or(met) AS met, coalesce(bool_or(ended = 'goal') FILTER (met), false) AS met_goal"
        " FROM runs GROUP BY journey, version, customer, held_out)"
        " SELECT journey, version, compared, count(*) FILTER (NOT held_out), count(*) FILTER (NOT held_out AND goal),"
        " count(*) FILTER (held_out), count(*) FILTER (held_out AND goal) FROM ("
        " SELECT journey, version, 'started' AS compared, held_out, coalesce(goal, false) AS goal FROM each UNION ALL"
        " SELECT journey, version, 'a message', held_out, met_goal FROM each WHERE met)"
        " GROUP BY journey, version, compared ORDER BY journey, version, compared DESC"
    ).fetchall()
    goals: list[tuple[Cell, ...]] = []
    beside: list[tuple[Cell, ...]] = []
    for journey, version, compared, told, told_goal, out, out_goal in rows:
        if not _has_goal(basis, journey, version, told_goal + out_goal):
            continue
        if compared == "started":
            goals.append((journey, version, told, told_goal, *_cells(wilson(told_goal, told))))
        if out and told:
            ours, theirs = _spread(told_goal, told), _spread(out_goal, out)
            estimates = (
                wilson(told_goal, told),
                wilson(out_goal, out),
                difference(ours, theirs),
                relative(ours, theirs),
            )
            told_cells, out_cells, *more = (_cells(each) for each in estimates)
            beside.append((journey, version, compared, told, *told_cells, out, *out_cells, *more[0], *more[1]))
    whole = Table(
        Words("Customers who reached the goal"),
        (
            *columns(
                {
                    "journey": "text",
                    "version": "text",
                    "customers": "count",
                    "reached it": "count",
                }
            ),
            *_interval(Words("share")),
        ),
        tuple(goals),
        Words("Those whom nobody held out. Without a holdout nobody knows how many would have reached it anyway."),
    )
    if not beside:
        return (whole,), ()
    compared_ = Table(
        Words("What the messages brought about"),
        (
            *columns(
                {
                    "journey": "text",
                    "version": "text",
                    "who came to": "text",
                    "customers": "count",
                }
            ),
            *_interval(Words("share")),
            *columns({"held out": "count"}),
            *_interval(Words("their share")),
            *_interval(Words("difference")),
            *_interval(Words("relative")),
        ),
        with_own(tuple(beside), 2),
        Words(
            "Customers beside those whom the holdout kept every message from. An interval of the difference "
            "that holds 0: chance alone may have made it."
        ),
    )
    started = [row for row in beside if row[2] == "started"]
    labels = tuple(_named(row, started) for row in started)
    series = tuple(
        Series(name, tuple(_number(row[place]) for row in started), (), *_ends_of(started, place))
        for name, place in ((Words("told"), 4), (Words("held out"), 8))
    )
    return (compared_, whole), (Chart("bars", Words("Customers who reached the goal"), "share", labels, series),)


def _named(row: tuple[Cell, ...], rows: list[tuple[Cell, ...]]) -> str:
    """The journey; with its version where it has several."""
    return f"{row[0]} ({row[1]})" if sum(each[0] == row[0] for each in rows) > 1 else str(row[0])


def _ends_of(rows: list[tuple[Cell, ...]], place: int) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    low, high = (tuple(_number(row[place + end]) for row in rows) for end in (1, 2))
    return low, high


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _interval(title: str) -> tuple[Column, ...]:
    low, high = Words("{title}, low", title=title), Words("{title}, high", title=title)
    return Column(title, "share", low, high), Column(low, "share"), Column(high, "share")


def _spread(hits: int, of: int) -> Spread:
    """The spread of so many customers of whom each did (1) or did not (0)."""
    if not of:
        return Spread.of(())
    share = hits / of
    return Spread(share, share * (1 - share) / (of - 1) if of > 1 else float("nan"), of)


def _cells(found: Estimate) -> tuple[Cell, Cell, Cell]:
    return tuple(each if abs(each) < float("inf") else None for each in (found.value, found.low, found.high))  # type: ignore[return-value]


def _run(basis: Basis) -> Found:
    basis.need("customers")
    _runs(basis)
    funnel, charts = _funnels(basis)
    if not funnel.rows:
        return Found(lacks=(Words("No journey started in this window."),))
    goals, beside = _goals(basis)
    lacks = () if beside else (NO_HOLDOUT,)
    tables = (*goals, funnel, _ends(basis))
    return Found(tuple(each for each in tables if each.rows), (*beside, *charts), lacks)


MEASURE = Measure(
    "journeys", Words("Journeys"), Words("runs of journeys; a holdout, for what they brought about"), _definition, _run
)
