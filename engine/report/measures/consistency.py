"""Consistency: whether two channels said different prices to one customer, and how soon every channel knows an act."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Found, Measure, Table, Unit, columns, rows_of
from engine.report.measures.words import own

DAY = 86_400_000
MOST = 20


def _definition(plan: Plan) -> str:
    return Words(
        "What a message says that something costs is seen when the message is sent; what an answer of a "
        "placement says, when an outcome of that answer (shown, accepted, ...) was reported. Each is "
        "known by what it is of: the price of a product, the amount of an offer. A customer saw a "
        "difference when, within 24 hours, two channels said two different amounts of the same thing. The"
        " share is of the customers whom two channels told of one thing within 24 hours; it has to be 0. "
        "An act (an event with a channel that the customer is the author of, see `ours`) is known on all "
        "channels as soon as it is decided about, because there is one state for all: so the time is from"
        " when the event reached us until its decision was made."
    )


def _sightings(basis: Basis) -> None:
    """The table `sightings`: this customer was told by this channel that `thing` is `amount`."""
    window = basis.window
    basis.db.execute(
        "CREATE OR REPLACE TEMP TABLE sightings AS WITH"
        " told AS (SELECT id, decided, segment, shard, logged, n, place, given FROM commands WHERE command = 'leave'"
        f" AND decided < {window.until}),"
        " priced AS (SELECT DISTINCT id FROM told WHERE contains(given, '\"figures\"')),"
        " said AS (SELECT id, arg_max(coalesce(json_extract(given, '$[2].figures'), '{}'),"
        " {'a': segment, 'b': logged, 'c': n, 'd': place}) AS figures"
        " FROM told JOIN priced USING (id) GROUP BY id),"
        " seen AS (SELECT c.customer, o.channel, o.decided AS seen, s.figures FROM outcomes o"
        " JOIN said s USING (id) JOIN customers c USING (profile)"
        f" WHERE o.kind = 'sent' AND o.decided >= {window.since} AND o.decided < {window.until}"
        " UNION ALL SELECT c.customer, d.channel, d.decided, d.figures FROM decisions d"
        " JOIN customers c USING (profile)"
        f" WHERE d.decided >= {window.since} AND d.decided < {window.until} AND length(d.figures) > 2"
        " AND d.id IN (SELECT json_extract_string(nullif(properties, ''), '$.decision') FROM events"
        " WHERE event = 'action_outcome')),"
        " each AS (SELECT customer, channel, seen, unnest(map_entries(CAST(figures AS MAP(VARCHAR, DOUBLE)))) AS one"
        " FROM (SELECT * REPLACE (CAST(figures AS JSON) AS figures) FROM seen) WHERE figures IS NOT NULL)"
        " SELECT customer, channel, seen, one.key AS thing, one.value AS amount FROM each"
    )


def _differences(basis: Basis) -> tuple[Table, Table]:
    basis.db.execute(
        "CREATE OR REPLACE TEMP TABLE twice AS SELECT a.customer, a.thing, a.channel AS first, a.amount AS said,"
        " b.channel AS other, b.amount AS differently, greatest(a.seen, b.seen) AS seen"
        " FROM sightings a JOIN sightings b ON a.customer = b.customer AND a.thing = b.thing AND a.channel < b.channel"
        f" AND abs(a.seen - b.seen) <= {DAY}"
    )
    found = basis.db.execute(
        "SELECT (SELECT count(DISTINCT customer) FROM sightings), count(DISTINCT customer),"
        " count(DISTINCT customer) FILTER (said <> differently),"
        " count(DISTINCT customer) FILTER (said <> differently) / nullif(count(DISTINCT customer), 0) FROM twice"
    ).fetchall()
    whole = Table(
        Words("One thing, one price"),
        columns(
            {
                "customers told a price": "count",
                "of one thing by two channels": "count",
                "who saw a difference": "count",
                "share": "share",
            }
        ),
        rows_of(found),
        Words("The share has to be 0."),
    )
    rows = basis.db.execute(
        "SELECT thing, first, other, count(DISTINCT customer), arg_max(said, seen), arg_max(differently, seen)"
        " FROM twice WHERE said <> differently GROUP BY ALL"
        f" ORDER BY count(DISTINCT customer) DESC, thing, first, other LIMIT {MOST}"
    ).fetchall()
    units: dict[str, Unit] = {
        "of what": "text",
        "channel": "text",
        "other channel": "text",
        "customers": "count",
        "said": "money",
        "said there": "money",
    }
    things = Table(
        Words("Where they differed"), columns(units), rows_of(rows), Words("The amounts are those of the last time.")
    )
    return whole, things


def _known(basis: Basis) -> Table:
    window = basis.window
    ours = ", ".join(map(quoted, basis.plan.report.ours)) or "NULL"
    rows = basis.db.execute(
        "SELECT channel, count(*), quantile_disc(greatest(decided - received, 0), 0.5),"
        " quantile_disc(greatest(decided - received, 0), 0.95), max(greatest(decided - received, 0)),"
        " quantile_disc(greatest(received - happened, 0), 0.95)"
        f" FROM events JOIN customers USING (profile) LEFT JOIN repeated USING (id)"
        f" WHERE channel <> '' AND NOT dead AND depth = 0 AND happened >= {window.since}"
        f" AND happened < {window.until} AND event NOT IN ({ours})"
        " AND (repeated.id IS NULL OR (segment, shard, logged, n, place) = repeated.first)"
        " GROUP BY GROUPING SETS ((channel), ())"
        " ORDER BY channel IS NOT NULL, channel"
    ).fetchall()
    return Table(
        Words("From an act on one channel until all others know"),
        columns(
            {
                "channel": "text",
                "acts": "count",
                "p50": "ms",
                "p95": "ms",
                "max": "ms",
                "p95 of its way to us": "ms",
            }
        ),
        rows_of([(own("all") if name is None else name, *others) for name, *others in rows if others[0]]),
    )


def _run(basis: Basis) -> Found:
    basis.need("customers", "repeated")
    _sightings(basis)
    (whole, things), known = _differences(basis), _known(basis)
    lacks = []
    if not whole.rows[0][0]:
        lacks.append(
            Words(
                "No message and no answer said a price: messages name products by the catalogue (`listed`, "
                "`ui.products`, `catalog.products`), and what placements show has to be reported as an outcome."
            )
        )
    tables = (*((whole,) if whole.rows[0][0] else ()), *(each for each in (things, known) if each.rows))
    return Found(tables, (), tuple(lacks))


MEASURE = Measure(
    "consistency",
    Words("Consistency"),
    Words("prices of the catalogue in messages and answers; events with a channel"),
    _definition,
    _run,
)
