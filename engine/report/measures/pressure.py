"""Pressure: how much marketing customers get, what is refused and why, and how long messages are held."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.policy import INTERNAL
from engine.model.words import N_, Words
from engine.report.archive.duck import quoted
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Chart, Found, Measure, Series, Table, columns, rows_of
from engine.report.measures.weeks import week_of
from engine.report.measures.words import own, with_own

OFTEN = 10  # messages in a week from which on weeks are put together


def _services(plan: Plan) -> list[str]:
    """The purposes that are no marketing."""
    return sorted({INTERNAL.name, *(each.name for each in plan.policies.purposes.values() if each.transactional)})


def _marketing(plan: Plan) -> str:
    """SQL: whether a message is marketing; one of a time when the archive did not say what it is for, is."""
    return f"coalesce(purpose, '') NOT IN ({', '.join(map(quoted, _services(plan)))})"


def _definition(plan: Plan) -> str:
    services, week = ", ".join(_services(plan)), plan.policies.timezone
    return Words(
        "A marketing message is one that was sent (accepted by the provider) and whose purpose is not "
        "transactional (here these are: {services}). A customer is active in a week (Monday to Sunday, "
        "{week}) in which they have an act (an event with a channel that the customer is the author of, "
        "see `ours`) or got such a message. p50 and p95 are values that occurred: at least so great a "
        "share of the active customer-weeks, those with no message among them, had no more. Refused: the "
        "gate let the message not leave (refused) or its time to live was over (expired), by the rule "
        "that decided. A hold lasts from when the gate held the message until the next thing that became "
        "of it: sent, refused, or held again for another reason.",
        services=services,
        week=week,
    )


def _weeks(basis: Basis) -> None:
    """The tables of this measure: `told` (a marketing message that was sent), `pressed` (n messages in a week)."""
    window = basis.window
    basis.db.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT customer, channel, {week_of('decided', window)} AS week "
        f"FROM outcomes JOIN customers USING (profile) WHERE kind = 'sent' AND decided >= {window.since} "
        f"AND decided < {window.until} AND {_marketing(basis.plan)}"
    )
    basis.db.execute(
        "CREATE OR REPLACE TEMP TABLE pressed AS SELECT customer, week, CAST(sum(n) AS BIGINT) AS n FROM ("
        " SELECT customer, week, count(*) AS n FROM told GROUP BY ALL UNION ALL"
        f" SELECT DISTINCT customer, {week_of('instant', window)} AS week, 0 AS n FROM happened"
        f" WHERE act AND instant >= {window.since}) GROUP BY ALL"
    )


def _pressure(basis: Basis) -> Table:
    weeks = dict(basis.db.execute("SELECT n, count(*) FROM pressed GROUP BY n").fetchall())
    every = sum(weeks.values())
    found: dict[str, dict[int, int]] = {own("all"): weeks} if every else {}
    for channel, n, count in basis.db.execute(
        "SELECT channel, n, count(*) FROM (SELECT channel, count(*) AS n FROM told GROUP BY channel, customer, week)"
        " GROUP BY channel, n ORDER BY channel, n"
    ).fetchall():
        found.setdefault(channel, {})[n] = count
    rows = []
    for channel, counts in found.items():
        counts = counts | {0: every - sum(count for n, count in counts.items() if n)}
        total = sum(n * count for n, count in counts.items())
        rows.append((channel, every, total, total / every, _at(counts, 0.5), _at(counts, 0.95), max(counts)))
    return Table(
        Words("Marketing messages in an active week of a customer"),
        columns(
            {
                "channel": "text",
                "customer-weeks": "count",
                "messages": "count",
                "mean": "number",
                "p50": "count",
                "p95": "count",
                "max": "count",
            }
        ),
        rows_of(rows),
        Words("Of all active weeks of customers; a channel's row counts its messages only."),
    )


def _at(counts: dict[int, int], share: float) -> int:
    """The smallest number that at least this share of the weeks do not exceed."""
    wanted, seen = share * sum(counts.values()), 0
    for n in sorted(counts):
        seen += counts[n]
        if seen >= wanted:
            return n
    return max(counts)


def _spread(basis: Basis) -> tuple[Table, Chart]:
    rows = basis.db.execute(
        f"SELECT least(n, {OFTEN}) AS n, count(*), count(*) / sum(count(*)) OVER () FROM pressed GROUP BY 1 ORDER BY 1"
    ).fetchall()
    cells = rows_of([(Words("{n} or more", n=n) if n == OFTEN else str(n), *others) for n, *others in rows])
    table = Table(
        Words("How the weeks differ"),
        columns({"messages in the week": "text", "customer-weeks": "count", "share": "share"}),
        cells,
    )
    shares = Series(Words("customer-weeks"), tuple(float(row[2]) for row in rows))
    return table, Chart(
        "bars", Words("Marketing messages in an active week"), "share", tuple(str(r[0]) for r in cells), (shares,)
    )


def _refused(basis: Basis) -> tuple[Table, Chart]:
    window = basis.window
    rows = basis.db.execute(
        "SELECT CASE WHEN rule = '' THEN kind ELSE rule END AS why,"
        " count(*) FILTER (kind = 'refused'), count(*) FILTER (kind = 'expired'),"
        f" count(*) FILTER ({_marketing(basis.plan)}), count(DISTINCT customer),"
        " count(*) / sum(count(*)) OVER () FROM outcomes JOIN customers USING (profile)"
        " WHERE kind IN ('refused', 'expired')"
        f" AND decided >= {window.since} AND decided < {window.until} GROUP BY why ORDER BY count(*) DESC, why"
    ).fetchall()
    table = Table(
        Words("Not sent, by reason"),
        columns(
            {
                "reason": "text",
                "refused": "count",
                "expired": "count",
                "of them marketing": "count",
                "customers": "count",
                "share": "share",
            }
        ),
        with_own(rows_of(rows), 0),
    )
    series = Series(Words("messages"), tuple(float(row[1] + row[2]) for row in rows))
    return table, Chart(
        "bars", Words("Messages that were not sent, by reason"), "count", tuple(own(r[0]) for r in rows), (series,)
    )


def _held(basis: Basis) -> Table:
    window = basis.window
    rows = basis.db.execute(
        "WITH held AS (SELECT DISTINCT id FROM outcomes WHERE kind = 'held'"
        f" AND decided >= {window.since} AND decided < {window.until}),"
        " known AS (SELECT o.kind, o.rule, o.decided,"
        " lead(o.decided) OVER following - o.decided AS lasted, lead(o.kind) OVER following AS became"
        f" FROM messages o JOIN held USING (id) WHERE o.decided < {window.until}"
        " WINDOW following AS (PARTITION BY o.id ORDER BY o.segment, o.shard, o.logged, o.n, o.place))"
        " SELECT rule, count(*), count(*) FILTER (became = 'sent'), count(*) FILTER (became = 'held'),"
        " count(*) FILTER (became NOT IN ('sent', 'held')), count(*) FILTER (became IS NULL),"
        " quantile_disc(lasted, 0.5), quantile_disc(lasted, 0.95), max(lasted)"
        f" FROM known WHERE kind = 'held' AND decided >= {window.since} GROUP BY rule ORDER BY count(*) DESC, rule"
    ).fetchall()
    return Table(
        Words("Held, by reason"),
        columns(
            {
                "reason": "text",
                Words.named("holds", N_("times held")): "count",
                "then sent": "count",
                "held again": "count",
                "then not sent": "count",
                "still held": "count",
                "p50": "ms",
                "p95": "ms",
                "max": "ms",
            }
        ),
        with_own(rows_of(rows), 0),
        Words("How long holds lasted that are over."),
    )


def _run(basis: Basis) -> Found:
    basis.need("happened")
    _weeks(basis)
    pressure, (spread, chart), (refused, reasons), held = (
        _pressure(basis),
        _spread(basis),
        _refused(basis),
        _held(basis),
    )
    lacks = () if pressure.rows else (Words("Nobody did anything and nothing was sent in this window."),)
    tables = tuple(each for each in (pressure, spread, refused, held) if each.rows)
    charts = tuple(each for each in (chart, reasons) if each.labels)
    return Found(tables, charts, lacks)


MEASURE = Measure(
    "pressure",
    Words("Pressure"),
    Words("acts of customers, and messages that were sent"),
    _definition,
    _run,
)
