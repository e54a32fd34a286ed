"""Tables that measures share: who is one customer, what they did, what they bought, what they were sent.

Each is made once, by SQL over the archive's views; JSON is read once, and only of events that a report speaks of. A
customer is a number: merged profiles have the same one. Ties of time go by the order of the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.model.reporting import Reporting, Trade
from engine.report.archive.duck import quoted
from engine.report.measures.measure import Window
from engine.report.measures.paths import stops

Query = Callable[[Reporting, Window], str]
# Exact: sums do not depend on their order. What has more than six decimals is rounded to them.
MONEY = "DECIMAL(18, 6)"
# What orders events that were logged in one millisecond, as one number: sorting by it is quicker than by three.
LATER = "CAST(n AS BIGINT) * 4294967296 + CAST(place AS BIGINT) * 1024 + shard"


def texts(names: Iterable[str]) -> str:
    """Texts as a list of SQL; one that nothing equals when there are none."""
    return ", ".join(map(quoted, names)) or "NULL"


def text_of(name: str, properties: str = "properties") -> str:
    """A property as text, numbers as they are written; NULL where it is not there or null."""
    return f"json_extract_string({properties}, {quoted(path(name))})"


def number_of(name: str, kind: str = MONEY, properties: str = "properties") -> str:
    """A property as a number; NULL where there is none, or something else: a text is no number."""
    return f"TRY_CAST(CAST(json_extract({properties}, {quoted(path(name))}) AS VARCHAR) AS {kind})"


def path(name: str) -> str:
    return '$."' + name.replace('"', '\\"') + '"'


def spoken_of(report: Reporting) -> set[str]:
    """The events whose properties are read."""
    found = {each.event for each in (*report.purchases, *report.refunds)}
    found |= {each.event for each in report.marks.values()}
    if report.baskets is not None:
        found |= {*report.baskets.touched, *report.baskets.emptied, *(each.event for each in report.purchases)}
    if report.answers is not None:
        found |= {report.answers.asked, *report.answers.answered}
    if report.assisted is not None:
        found.add(report.assisted[0])
    if report.collected:
        found.add(report.collected)
    return found


def _merges(report: Reporting, window: Window) -> str:
    """Which profile was taken over by which, followed to the last."""
    return """
        WITH RECURSIVE once AS (
            SELECT json_extract_string(nullif(extra, ''), '$.from') AS absorbed, arg_max(profile, decided) AS keeper
            FROM outcomes WHERE kind = 'merged' GROUP BY absorbed HAVING absorbed IS NOT NULL
        ), led AS (
            SELECT absorbed, keeper, 1 AS steps FROM once
            UNION ALL
            SELECT led.absorbed, once.keeper, steps + 1 FROM led JOIN once ON once.absorbed = led.keeper
            WHERE steps < 100 AND once.keeper <> led.absorbed
        )
        SELECT absorbed, arg_max(keeper, steps) AS keeper FROM led GROUP BY absorbed"""


def _customers(report: Reporting, window: Window) -> str:
    """profile -> customer, a number from 0; profiles that were merged have the same."""
    return """
        WITH all_profiles AS (
            SELECT profile FROM events WHERE profile <> '' UNION SELECT profile FROM outcomes WHERE profile <> ''
        ), led AS (
            SELECT profile, coalesce(keeper, profile) AS lead FROM all_profiles LEFT JOIN merges ON absorbed = profile
        )
        SELECT profile, lead, CAST(dense_rank() OVER (ORDER BY lead) - 1 AS INTEGER) AS customer FROM led"""


def _repeated(report: Reporting, window: Window) -> str:
    """Event ids that are there more than once, each with the place of the first."""
    return """
        WITH several AS (SELECT id FROM events WHERE NOT dead AND id <> '' GROUP BY id HAVING count(*) > 1)
        SELECT id, min((segment, shard, logged, n, place)) AS first FROM events JOIN several USING (id)
        WHERE NOT dead GROUP BY id"""


def _happened(report: Reporting, window: Window) -> str:
    """Everything up to the end of the window, each event id once, in the order of `seq`: (seq, customer, instant,
    event, channel, act, properties). `properties` are there for events that the report speaks of."""
    return f"""
        SELECT CAST(row_number() OVER (ORDER BY happened, logged, {LATER}) AS INTEGER) AS seq,
               customer, happened AS instant, event, channel,
               event NOT IN ({texts(report.ours)}) AND channel <> '' AND depth = 0 AS act,
               CASE WHEN event IN ({texts(sorted(spoken_of(report)))}) THEN nullif(properties, '') END AS properties
        FROM events JOIN customers USING (profile) LEFT JOIN repeated USING (id)
        WHERE NOT dead AND happened < {window.until}
          AND (repeated.id IS NULL OR (segment, shard, logged, n, place) = repeated.first)"""


def _trades(trades: Iterable[Trade], sign: str, margin: float | None) -> str:
    """The money of events: one SELECT for all that are declared; none at all gives no row."""
    parts = []
    for each in trades:
        amount = number_of(each.revenue)
        share = f"CAST({sign}({amount}) * {margin:.6f} AS {MONEY})" if margin is not None else "NULL"
        own = f"CAST({sign}({number_of(each.margin)}) AS {MONEY})" if each.margin else "NULL"
        parts.append(
            f"SELECT seq, customer, instant, channel, event, {text_of(each.id) if each.id else 'NULL'} AS id, "
            f"CAST({sign}({amount}) AS {MONEY}) AS revenue, CAST(coalesce({own}, {share}) AS {MONEY}) AS margin "
            f"FROM happened WHERE event = {quoted(each.event)}"
        )
    nothing = (
        "SELECT 0 AS seq, 0 AS customer, CAST(0 AS BIGINT) AS instant, '' AS channel, '' AS event, '' AS id, "
        f"CAST(0 AS {MONEY}) AS revenue, CAST(0 AS {MONEY}) AS margin WHERE false"
    )
    every = " UNION ALL ".join(parts or [nothing])
    # told of twice it counts once: the first of its customer, event and id
    return (
        f"SELECT * FROM ({every}) "
        "QUALIFY coalesce(id, '') = '' OR row_number() OVER (PARTITION BY customer, event, id ORDER BY seq) = 1"
    )


def _money(report: Reporting, window: Window) -> str:
    """All money: (seq, customer, instant, channel, event, id, revenue, margin, purchase). What an event brings is
    positive; refunds, and purchases of less than 0, are negative and no purchase."""
    return (
        f"SELECT *, coalesce(revenue, 0) >= 0 AS purchase FROM ({_trades(report.purchases, '+', report.margin)}) "
        f"UNION ALL SELECT *, false FROM ({_trades(report.refunds, '-', report.margin)})"
    )


def _used(report: Reporting, window: Window) -> str:
    """Each customer with an act in the window: (customer, channels, physical, digital)."""
    return f"""
        SELECT customer, count(*) AS channels, bool_or(channel IN ({texts(report.physical)})) AS physical,
               bool_or(channel IN ({texts(report.digital)})) AS digital
        FROM (SELECT DISTINCT customer, channel FROM happened WHERE act AND instant >= {window.since})
        GROUP BY customer"""


def _spent(report: Reporting, window: Window) -> str:
    """Each customer with money in the window: (customer, purchases, revenue, margin); margin NULL when not known."""
    return f"""
        SELECT customer, count(*) FILTER (purchase) AS purchases, coalesce(sum(revenue), 0) AS revenue,
               sum(margin) AS margin
        FROM money WHERE instant >= {window.since} GROUP BY customer"""


def _earlier(report: Reporting, window: Window) -> str:
    """Each customer with an act or money in the time before the window that is as long as it: (customer, channels,
    purchases)."""
    low = 2 * window.since - window.until
    within = f"instant >= {low} AND instant < {window.since}"
    return f"""
        SELECT customer, coalesce(channels, 0) AS channels, coalesce(purchases, 0) AS purchases
        FROM (SELECT customer, count(DISTINCT channel) AS channels FROM happened WHERE act AND {within}
              GROUP BY customer)
        FULL JOIN (SELECT customer, count(*) FILTER (purchase) AS purchases FROM money WHERE {within}
                   GROUP BY customer) USING (customer)"""


def _exposed(report: Reporting, window: Window) -> str:
    """Each customer who started a journey in the window, at their first start: (journey, customer, instant, control,
    everywhere). `control` says that they are held out of it, `everywhere` that they are held out of all journeys."""
    return f"""
        WITH starts AS (
            SELECT journey, customer, min(decided) AS instant,
                   arg_min(coalesce(json_extract_string(nullif(extra, ''), '$.arm'), ''), decided) AS arm
            FROM outcomes JOIN customers USING (profile)
            WHERE kind = 'started' AND decided >= {window.since} AND decided < {window.until} GROUP BY ALL
        ), silent AS (
            SELECT journey, customer, max(rule) AS rule FROM outcomes JOIN customers USING (profile)
            WHERE kind = 'held_out' AND decided < {window.until} GROUP BY ALL
        )
        SELECT journey, customer, instant, arm <> '' OR rule IS NOT NULL AS control,
               arm = 'global_holdout' OR coalesce(rule, '') = 'global_holdout' AS everywhere
        FROM starts LEFT JOIN silent USING (journey, customer)"""


def _sent(report: Reporting, window: Window) -> str:
    """Each message that left in the window: (customer, channel)."""
    return f"""
        SELECT customer, channel FROM outcomes JOIN customers USING (profile)
        WHERE kind = 'sent' AND decided >= {window.since} AND decided < {window.until}"""


# Of each table: those it is made from, and its query.
SHARED: dict[str, tuple[tuple[str, ...], Query]] = {
    "merges": ((), _merges),
    "customers": (("merges",), _customers),
    "repeated": ((), _repeated),
    "happened": (("customers", "repeated"), _happened),
    "money": (("happened",), _money),
    "used": (("happened",), _used),
    "spent": (("money",), _spent),
    "earlier": (("happened", "money"), _earlier),
    "exposed": (("customers",), _exposed),
    "stops": (("happened", "money"), stops),
    "sent": (("customers",), _sent),
}
