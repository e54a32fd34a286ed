"""Decisions of the next best action: what was accepted, by rank and channel, and how well that was foreseen."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.decisions.interval import LEVEL, wilson
from engine.report.decisions.logged import LASTS
from engine.report.decisions.measures import calibrated
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Chart, Column, Found, Measure, Series, Table, columns, rows_of


def _definition(plan: Plan) -> str:
    return Words(
        "An offer is one action that one answer of a placement showed, at its rank. It is seen when "
        "something was said of it afterwards (shown, accepted, ...), accepted when that was said. An "
        "outcome belongs to the decision that it names, else to the newest one of the customer that "
        "showed the action within 24 hours. The share is of what was offered, with Wilson's interval at "
        "{level:.0%}. Calibration puts offers into tenths by the propensity that was predicted (the mean "
        "of the belief, not what was drawn from it) and sets beside it what was accepted; equal "
        "predictions stay together, and few offers make fewer parts. Brier: the mean squared error. "
        "Calibration error: the mean distance of predicted and accepted, over the offers. `parcours "
        "decisions report` says more.",
        level=LEVEL,
    )


def _offers(basis: Basis) -> None:
    """The tables `offers` (one row for an action that a decision showed) and `heard` (what was said of which offer)."""
    db, window = basis.db, basis.window
    within = f"decided >= {window.since} AND decided < {window.until}"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE offers AS SELECT id, profile, channel, placement, decided, action, rank,"
        ' list_filter(from_json(nullif(candidates, \'\'), \'[{"action": "VARCHAR", "propensity": "DOUBLE",'
        ' "wins": "DOUBLE", "losses": "DOUBLE"}]\'), lambda c: c.action = action)[1] AS candidate FROM ('
        " SELECT any_value(profile) AS profile, any_value(channel) AS channel, any_value(placement) AS placement,"
        " any_value(decided) AS decided, any_value(candidates) AS candidates, id, any_value(shown) AS shown"
        f" FROM decisions WHERE {within} GROUP BY id) AS d,"
        " LATERAL (SELECT unnest(d.shown) AS action, unnest(range(1, len(d.shown) + 1)) AS rank)"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE said AS SELECT profile, happened,"
        " coalesce(json_extract_string(nullif(properties, ''), '$.action'), '') AS action,"
        " coalesce(json_extract_string(nullif(properties, ''), '$.decision'), '') AS decision,"
        " coalesce(json_extract_string(nullif(properties, ''), '$.outcome'), '') AS outcome FROM events"
        f" WHERE event = 'action_outcome' AND NOT dead AND happened >= {window.since}"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE heard AS"
        " SELECT DISTINCT o.id, o.action, s.outcome FROM said s"
        " JOIN offers o ON o.id = s.decision AND o.action = s.action"
        " UNION SELECT o.id, o.action, s.outcome FROM"
        " (SELECT * FROM said WHERE decision NOT IN (SELECT id FROM offers)) s ASOF JOIN"
        " (SELECT * FROM offers WHERE profile <> '') o"
        " ON o.profile = s.profile AND o.action = s.action AND s.happened >= o.decided"
        f" WHERE s.happened < o.decided + {LASTS}"
    )


def _told(basis: Basis, by: str, title: str, name: str) -> tuple[Table, Chart]:
    rows = basis.db.execute(
        f"SELECT CAST({by} AS VARCHAR), count(*), count(h.id), count(*) FILTER (h.accepted),"
        " count(*) FILTER (h.declined) FROM offers LEFT JOIN (SELECT id, action, bool_or(outcome = 'accepted') AS"
        " accepted, bool_or(outcome IN ('declined', 'not_relevant')) AS declined FROM heard GROUP BY id, action) h"
        f" USING (id, action) GROUP BY {by} ORDER BY {by}"
    ).fetchall()
    cells = []
    for label, offered, seen, accepted, declined in rows:
        share = wilson(accepted, offered)
        cells.append((label, offered, seen, accepted, declined, share.value, share.low, share.high))
    table = Table(
        title,
        (
            *columns(
                {
                    name: "text",
                    "offered": "count",
                    "seen": "count",
                    "accepted": "count",
                    "declined": "count",
                }
            ),
            Column("share accepted", "share", "low", "high"),
            *columns({"low": "share", "high": "share"}),
        ),
        rows_of(cells),
    )
    shares = Series(Words("accepted"), tuple(each[5] for each in cells))
    return table, Chart(
        "bars", Words("Accepted of offered, by {name}", name=name), "share", tuple(each[0] for each in cells), (shares,)
    )


def _calibration(basis: Basis) -> tuple[tuple[Table, ...], tuple[Chart, ...]]:
    pairs = basis.db.execute(
        "SELECT CASE WHEN o.candidate.wins + o.candidate.losses <> 0"
        " THEN o.candidate.wins / (o.candidate.wins + o.candidate.losses) ELSE o.candidate.propensity END,"
        " EXISTS (SELECT 1 FROM heard h WHERE h.id = o.id AND h.action = o.action AND h.outcome = 'accepted')"
        " FROM offers o WHERE o.candidate IS NOT NULL"
    ).fetchall()
    found = calibrated([(float(p), bool(hit)) for p, hit in pairs])
    if found is None:
        return (), ()
    table = Table(
        Words("Predicted and accepted"),
        (
            *columns(
                {
                    "predicted from": "share",
                    "to": "share",
                    "offered": "count",
                    "mean predicted": "share",
                }
            ),
            Column("accepted", "share", "low", "high"),
            *columns({"low": "share", "high": "share"}),
        ),
        tuple(
            (b.low, b.high, b.offered, b.predicted, b.observed.value, b.observed.low, b.observed.high)
            for b in found.bins
        ),
    )
    errors = Table(
        Words("How well that was foreseen"),
        columns({"offers": "count", "Brier": "number", "calibration error": "number"}),
        ((found.offered, found.brier, found.error),),
    )
    observed = Series(
        Words("accepted"), tuple(b.observed.value for b in found.bins), tuple(b.predicted for b in found.bins)
    )
    top = max(b.predicted for b in found.bins)
    right = Series(Words("as predicted"), (0.0, top), (0.0, top))
    chart = Chart(
        "lines",
        Words("Accepted, by what was predicted"),
        "share",
        (),
        (observed, right),
        (),
        Words("predicted"),
        "share",
    )
    return (table, errors), (chart,)


def _run(basis: Basis) -> Found:
    _offers(basis)
    rank, by_rank = _told(basis, "rank", Words("Accepted, by rank"), "rank")
    if not rank.rows:
        return Found(lacks=(Words("No placement showed an action in this window."),))
    channel, by_channel = _told(basis, "channel", Words("Accepted, by channel"), "channel")
    tables, charts = _calibration(basis)
    return Found((rank, channel, *tables), (by_rank, by_channel, *charts))


MEASURE = Measure(
    "decisions",
    Words("Decisions"),
    Words("answers of placements, and outcomes that channel apps report"),
    _definition,
    _run,
)
