"""Satisfaction by channel and by transition: CSAT, NPS and CES."""

from __future__ import annotations

from math import inf

from engine.model.plan import Plan
from engine.model.reporting import Mark
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.decisions.interval import Spread, wilson, z
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Column, Found, Measure, Table
from engine.report.measures.shared import number_of, text_of, texts
from engine.report.measures.words import ACT, CUSTOMER, either, listed, span, with_own

TITLES = {"csat": "CSAT", "nps": "NPS", "ces": "CES"}
UNDECLARED = Words(
    "Satisfaction: no survey is declared. Say under `report: satisfaction:` which event is an answer "
    "and where its mark stands: `csat: {event: survey_answered, score: score, good: 8}`."
)


def _definition(plan: Plan) -> str:
    report = plan.report
    declared = Words.joined(
        "; ",
        [
            Words("{name}: {mark}", name=TITLES[name], mark=_declared(each))
            for name, each in sorted(report.marks.items())
        ],
    )
    return Words(
        "{customer} {act} Answers in the window ({what}); a mark that is missing or no number is no "
        "answer. CSAT is the share of answers at or above the mark that is declared good (Wilson's "
        "interval, 95 %); NPS the share of 9 and 10 less that of 0 to 6, times 100 (marks outside 0 to 10"
        " are no answer; normal interval); CES the mean of the marks (normal interval). The channel is "
        "that of the customer's last act before the answer, at most {linked} earlier, else that of the "
        "answer itself. The transition is from the last other channel before that to it, within the same "
        "time; who was on one channel only has made none. Answers of one customer count as often as they "
        "are given, and are no acts here.",
        customer=CUSTOMER,
        act=ACT,
        what=declared or Words("none declared"),
        linked=span(report.linked),
    )


def _declared(mark: Mark) -> str:
    kept = [Words(", {key} {values}", key=key, values=either(values)) for key, values in mark.only.items()]
    only = Words.joined("", kept)
    good = Words(", good from {good:.6g}", good=mark.good) if mark.good else ""
    return Words("{mark}{good}", mark=f"{mark.event}.{mark.score}" + only, good=good)


def _run(basis: Basis) -> Found:
    basis.need("happened")
    if not basis.report.marks:
        return Found(lacks=(UNDECLARED,))
    answers = " UNION ALL ".join(_answers(name, each) for name, each in sorted(basis.report.marks.items()))
    events = texts(sorted({each.event for each in basis.report.marks.values()}))
    linked = basis.report.linked
    # The last act before an answer, then the last one before it on another channel.
    basis.db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE answered AS
        WITH answers AS (SELECT * FROM ({answers}) WHERE score IS NOT NULL AND instant >= {basis.window.since}),
        acts AS (
            SELECT customer, seq, instant, channel FROM happened
            WHERE act AND event NOT IN ({events}) AND customer IN (SELECT customer FROM answers)
        ), stops AS (
            SELECT *, lag(channel) OVER mine IS DISTINCT FROM channel AS other,
                   lag(channel) OVER mine AS previous_channel, lag(instant) OVER mine AS previous_instant
            FROM acts WINDOW mine AS (PARTITION BY customer ORDER BY seq)
        ), turns AS (
            SELECT customer, seq, instant, channel,
                   last_value(CASE WHEN other THEN previous_channel END IGNORE NULLS) OVER so_far AS came_from,
                   last_value(CASE WHEN other THEN previous_instant END IGNORE NULLS) OVER so_far AS came_at
            FROM stops WINDOW so_far AS (PARTITION BY customer ORDER BY seq)
        )
        SELECT answers.name, answers.score, answers.good,
               CASE WHEN answers.instant - turns.instant <= {linked} THEN turns.channel
                    ELSE coalesce(nullif(answers.channel, ''), 'no channel') END AS channel,
               CASE WHEN answers.instant - came_at <= {linked} THEN came_from || ' > ' || turns.channel
                    END AS transition
        FROM answers ASOF LEFT JOIN turns ON turns.customer = answers.customer AND turns.seq < answers.seq"""
    )
    tables, lacks = [], []
    for name, mark in sorted(basis.report.marks.items()):
        by_channel, by_transition = (_by(basis, name, what) for what in ("channel", "transition"))
        if not by_channel:
            lacks.append(
                Words(
                    "{titles}: nobody has answered in the window ({mark}).", titles=TITLES[name], mark=_declared(mark)
                )
            )
            continue
        tables.append(Table(Words("{titles} by channel", titles=TITLES[name]), _titles(name, "channel"), by_channel))
        if by_transition:
            tables.append(
                Table(Words("{titles} by transition", titles=TITLES[name]), _titles(name, "transition"), by_transition)
            )
    missing = [TITLES[name] for name in TITLES if name not in basis.report.marks]
    if missing:
        lacks.append(Words("{missing}: not declared under `report: satisfaction:`.", missing=listed(missing)))
    return Found(tuple(tables), (), tuple(lacks))


def _answers(name: str, mark: Mark) -> str:
    only = "".join(f" AND {text_of(key)} IN ({texts(values)})" for key, values in mark.only.items())
    if name == "nps":
        only += f" AND {number_of(mark.score)} BETWEEN 0 AND 10"
    return (
        f"SELECT {quoted(name)} AS name, customer, seq, instant, channel, {number_of(mark.score)} AS score, "
        f"CAST({mark.good!r} AS DOUBLE) AS good FROM happened WHERE event = {quoted(mark.event)}{only}"
    )


def _by(basis: Basis, name: str, what: str) -> tuple[tuple[Cell, ...], ...]:
    found = basis.rows(f"""
        SELECT coalesce({what}, 'all'), count(*), count(*) FILTER (score >= good),
               count(*) FILTER (score >= 9), count(*) FILTER (score <= 6), avg(score),
               var_samp(CAST(score AS DOUBLE))
        FROM answered WHERE name = {quoted(name)} AND {what} IS NOT NULL
        GROUP BY GROUPING SETS (({what}), ()) HAVING count(*) > 0
        ORDER BY grouping({what}) DESC, 2 DESC, 1""")
    return with_own(tuple(_row(name, *row) for row in found), 0)


def _row(name: str, what: Cell, *counts: Cell) -> tuple[Cell, ...]:
    n, good, promoters, detractors, mean, variance = (float(each or 0) for each in counts)
    if name == "csat":
        share = wilson(good, n)
        return what, int(n), share.value, share.low, share.high
    if name == "nps":
        value = (promoters - detractors) / n
        spread = Spread(value, ((promoters + detractors) / n - value**2) / (n - 1) if n > 1 else float("nan"), int(n))
        _, low, high = _interval(spread, 100)
        return what, int(n), 100 * (promoters - detractors) / n, low, high
    spread = Spread(mean, variance / n if n > 1 else float("nan"), int(n))
    return what, int(n), *_interval(spread, 1)


def _interval(spread: Spread, times: float) -> tuple[Cell, ...]:
    half = z(0.95) * spread.variance**0.5 if spread.variance == spread.variance else inf
    ends = (None, None) if half == inf else (times * (spread.mean - half), times * (spread.mean + half))
    return times * spread.mean, *ends


def _titles(name: str, what: str) -> tuple[Column, ...]:
    unit = "share" if name == "csat" else "number"
    return (
        Column(what),
        Column("answers", "count"),
        Column(TITLES[name], unit, "low", "high"),  # type: ignore[arg-type]
        Column("low", unit),  # type: ignore[arg-type]
        Column("high", unit),  # type: ignore[arg-type]
    )


MEASURE = Measure("satisfaction", Words("Satisfaction"), Words("answers to surveys"), _definition, _run)
