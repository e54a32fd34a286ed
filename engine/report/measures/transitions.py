"""Transitions between channels, the most frequent sequences, and what would be lost without a channel."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.measures import paths
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Chart, Column, Flow, Found, Measure, Table
from engine.report.measures.words import ACT, CUSTOMER, NO_ACTS, money

MOST = 10
STAGES = 4


def _definition(plan: Plan) -> str:
    return Words(
        "{customer} {act} {report} {definition} A transition is a stop and what comes after it; its share"
        " is of all that leave the same place. The removal effect of a channel is the share of purchases "
        "that would be lost if every path that comes to it dropped out there: 1 - P(BUY without it) / "
        "P(BUY), in a Markov chain of first order over these transitions (Anderl, Becker, von Wangenheim "
        "and Schumann 2016). Attributed: the purchases, in proportion to these effects. A chain "
        "describes, and proves no cause. A purchase that has no channel is a stop of its own.",
        customer=CUSTOMER,
        act=ACT,
        report=money(plan.report),
        definition=paths.definition(plan.report),
    )


def _run(basis: Basis) -> Found:
    basis.need("stops")
    ended = basis.rows("SELECT ending, count(*) FROM stops WHERE place = 1 GROUP BY ending")
    endings = {str(ending): int(many or 0) for ending, many in ended}
    if not endings:
        return Found(lacks=(NO_ACTS,))
    moves = basis.rows(f"""
        SELECT source, target, count(*) AS many, count(*) / sum(count(*)) OVER (PARTITION BY source) FROM (
            SELECT '{paths.START}' AS source, channel AS target FROM stops WHERE place = 1 AND ending <> 'OPEN'
            UNION ALL SELECT channel, coalesce(next, ending) FROM stops WHERE ending <> 'OPEN')
        GROUP BY source, target ORDER BY source <> '{paths.START}', source, many DESC, target""")
    sequences = basis.rows(f"""
        SELECT sequence, count(*) AS many, count(*) / sum(count(*)) OVER () FROM (
            SELECT '{paths.START} > ' || string_agg(channel, ' > ' ORDER BY place) || ' > ' || any_value(ending)
                   AS sequence
            FROM stops WHERE ending <> 'OPEN' GROUP BY customer, path)
        GROUP BY sequence ORDER BY many DESC, sequence LIMIT {MOST}""")
    lacks = []
    if not moves:
        lacks.append(
            Words(
                "Transitions: all paths are open at the end of the window. Choose an earlier end, or a shorter `pause`."
            )
        )
    counts = {(str(source), str(target)): int(many or 0) for source, target, many, _ in moves}
    effects = paths.removal_effects(counts)
    bought = endings.get(paths.BUY, 0)
    whole = sum(effects.values())
    removal = tuple(
        (
            channel,
            float(effect),
            float(effect / whole) if whole else None,
            float(bought * effect / whole) if whole else None,
        )
        for channel, effect in sorted(effects.items(), key=lambda each: (-each[1], each[0]))
    )
    if not removal:
        lacks.append(Words("Removal effects: no path of the window ends with a purchase."))
    paths_ = tuple((name, endings.get(name, 0)) for name in (paths.BUY, paths.DROP, "OPEN"))
    share, many = Column("share", "share"), Column("paths", "count")
    tables = (
        Table(Words("Paths"), (Column("end"), many), paths_, Words("Open paths are in none of the tables below.")),
        Table(
            Words("Transitions"),
            (Column("from"), Column("to"), Column("times", "count"), share),
            moves,
        ),
        Table(Words("Most frequent sequences"), (Column("sequence"), many, share), sequences),
        Table(
            Words("Removal effect"),
            (
                Column("channel"),
                Column("removal effect", "share"),
                share,
                Column("attributed purchases", "number"),
            ),
            removal,
            Words("What would be lost if every path that comes to the channel ended there."),
        ),
    )
    return Found(tuple(each for each in tables if each.rows), _charts(basis), tuple(lacks))


def _charts(basis: Basis) -> tuple[Chart, ...]:
    """The first stops of all closed paths; what comes after is one flow to 'later'."""
    flows = basis.rows(f"""
        SELECT stage, source, target, count(*) FROM (
            SELECT 0 AS stage, '{paths.START}' AS source, channel AS target FROM stops
            WHERE place = 1 AND ending <> 'OPEN'
            UNION ALL
            SELECT place, channel, CASE WHEN next IS NULL THEN ending WHEN place = {STAGES} THEN 'later' ELSE next END
            FROM stops WHERE ending <> 'OPEN' AND place <= {STAGES})
        GROUP BY ALL ORDER BY ALL""")
    if not flows:
        return ()
    made = tuple(Flow(int(row[0] or 0), str(row[1]), str(row[2]), float(row[3] or 0)) for row in flows)
    return (
        Chart(
            "sankey", Words("The first {stages} stops of all paths that have ended", stages=STAGES), "count", flows=made
        ),
    )


MEASURE = Measure(
    "transitions", Words("Transitions between channels"), Words("events with a channel"), _definition, _run
)
