"""Comparisons that ask for causes: like customers on one and on several channels; customers held out, and not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

from engine.model.words import Words
from engine.report.decisions.interval import LEVEL, Estimate, Spread, difference, z
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Column, Table
from engine.report.measures.words import every_journey

MATCHED = Words(
    "Matched: by what they did in the first half of the window, customers on several channels are "
    "compared with customers on one who did the same then (coarsened exact matching, Iacus, King and "
    "Porro 2012): as many purchases (5 and more are one class), as many acts and as much revenue "
    "(classes that double: 1, 2-3, 4-7 ...; below 1 is one class), known before the window or not. "
    "What is compared is their revenue in the second half; each class weighs by its customers on "
    "several channels, and classes that lack either kind are left out. The interval (95 %) is normal,"
    " with the spread within classes pooled."
)
HELD_OUT = Words(
    "Held out: customers who started a journey in the window and are held out of it, by chance, "
    "beside those who are not: revenue of each from their first start to the end of the window, "
    "difference of the means with Welch's interval (95 %). This is an effect: of the journey, on "
    "whatever channels."
)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Customers alike in what they are matched by: number, mean and variance of both kinds."""

    treated: int
    treated_mean: float
    treated_variance: float
    control: int
    control_mean: float
    control_variance: float


@dataclass(frozen=True, slots=True)
class Matched:
    """The treated that have somebody to be compared with, the means of both (controls weighted like the treated), and
    the difference."""

    units: int
    treated: float
    control: float
    difference: Estimate


def match(strata: Sequence[Stratum], level: float = LEVEL) -> Matched | None:
    """The effect on the treated, class by class; None where no class has both kinds."""
    both = [each for each in strata if each.treated and each.control]
    units = sum(each.treated for each in both)
    if not units:
        return None
    treated = sum(each.treated * each.treated_mean for each in both) / units
    control = sum(each.treated * each.control_mean for each in both) / units
    free = [sum(n - 1 for n in (getattr(each, kind) for each in both)) for kind in ("treated", "control")]
    half = inf
    if all(free):
        one = sum((each.treated - 1) * each.treated_variance for each in both if each.treated > 1) / free[0]
        other = sum((each.control - 1) * each.control_variance for each in both if each.control > 1) / free[1]
        shares = [(each.treated / units, each) for each in both]
        half = z(level) * sqrt(sum(w * w * (one / each.treated + other / each.control) for w, each in shares))
    value = treated - control
    return Matched(units, treated, control, Estimate(value, value - half, value + half))


def matched(basis: Basis) -> tuple[Table | None, str]:
    """Customers on several channels in the first half of the window beside like ones on one: their second half."""
    basis.need("happened", "money")
    half = basis.window.since + (basis.window.until - basis.window.since) // 2
    first = f"instant >= $since AND instant < {half}"
    found = basis.rows(f"""
        WITH did AS (
            SELECT customer, count(*) FILTER ({first}) AS acts,
                   count(DISTINCT channel) FILTER ({first}) AS channels, bool_or(instant < $since) AS known
            FROM happened WHERE act GROUP BY customer HAVING acts > 0
        ), brought AS (
            SELECT customer, count(*) FILTER (purchase AND {first}) AS purchases,
                   coalesce(sum(revenue) FILTER ({first}), 0) AS before,
                   coalesce(sum(revenue) FILTER (instant >= {half}), 0) AS after
            FROM money GROUP BY customer
        )
        SELECT channels, known, least(coalesce(purchases, 0), 5) AS purchase_class, {_doubling("acts")} AS act_class,
               {_doubling("coalesce(before, 0)")} AS revenue_class, count(*), avg(coalesce(after, 0)),
               coalesce(var_samp(CAST(coalesce(after, 0) AS DOUBLE)), 0)
        FROM did LEFT JOIN brought USING (customer) GROUP BY ALL ORDER BY ALL""")
    classes: dict[tuple[Cell, ...], dict[int, Group]] = defaultdict(dict)
    for channels, *kind, count, mean, variance in found:
        classes[tuple(kind)][int(channels or 0)] = (int(count or 0), float(mean or 0), float(variance or 0))
    rows = []
    numbers = sorted({number for groups in classes.values() for number in groups if number > 1})
    for label, wanted in [(Words("2 or more"), numbers), *((str(number), [number]) for number in numbers)]:
        strata = [_stratum(groups, wanted) for groups in classes.values()]
        all_of_them = sum(each.treated for each in strata)
        made = match(strata)
        if made is not None:
            raw = _mean(strata, "treated") - _mean(strata, "control")
            low, high = (each if abs(each) < inf else None for each in (made.difference.low, made.difference.high))
            rows.append(
                (label, all_of_them, made.units, made.treated, made.control, made.difference.value, low, high, raw)
            )
    if not rows:
        return None, Words(
            "Matched comparison: nobody on several channels in the first half of the window has a like on one."
        )
    titles = (
        Column("channels"),
        Column("customers", "count"),
        Column("matched", "count"),
        Column("their revenue", "money"),
        Column("of like ones on one channel", "money"),
        Column("difference", "money", "low", "high"),
        Column("low", "money"),
        Column("high", "money"),
        Column("difference unmatched", "money"),
    )
    meaning = Words(
        "Revenue per customer in the second half of the window. Matching removes what is seen, and not what is not."
    )
    return Table(Words("Matched: several channels beside one"), titles, tuple(rows), meaning), ""


Group = tuple[int, float, float]


def _doubling(what: str) -> str:
    """The class of a number: 0 below 1, then 1, 2-3, 4-7 ..."""
    return f"CASE WHEN {what} < 1 THEN 0 ELSE 1 + CAST(floor(log2(CAST({what} AS DOUBLE))) AS INTEGER) END"


def _stratum(groups: dict[int, Group], wanted: Sequence[int]) -> Stratum:
    return Stratum(*_together([groups[each] for each in wanted if each in groups]), *groups.get(1, (0, 0.0, 0.0)))


def _together(groups: Sequence[Group]) -> Group:
    """Number, mean and variance of several groups as one."""
    count = sum(n for n, _, _ in groups)
    if not count:
        return 0, 0.0, 0.0
    mean = sum(n * m for n, m, _ in groups) / count
    squares = sum((n - 1) * v + n * (m - mean) ** 2 for n, m, v in groups)
    return count, mean, squares / (count - 1) if count > 1 else 0.0


def _mean(strata: Sequence[Stratum], kind: str) -> float:
    count = sum(getattr(each, kind) for each in strata)
    return sum(getattr(each, kind) * getattr(each, f"{kind}_mean") for each in strata) / count if count else 0.0


def held_out(basis: Basis) -> tuple[Table | None, str]:
    """Revenue after the first start, of customers who are held out and of those who are not, by journey."""
    basis.need("exposed", "money")
    found = basis.rows("""
        WITH units AS (
            SELECT journey, customer, instant, control FROM exposed
            UNION ALL
            SELECT 'all journeys', customer, min(instant), arg_min(everywhere, instant) FROM exposed
            GROUP BY customer
        ), brought AS (
            SELECT journey, units.customer, control, coalesce(sum(revenue), 0) AS revenue
            FROM units LEFT JOIN money ON money.customer = units.customer AND money.instant >= units.instant
            GROUP BY ALL
        )
        SELECT journey, count(*) FILTER (NOT control), count(*) FILTER (control),
               avg(revenue) FILTER (NOT control), var_samp(CAST(revenue AS DOUBLE)) FILTER (NOT control),
               avg(revenue) FILTER (control), var_samp(CAST(revenue AS DOUBLE)) FILTER (control)
        FROM brought GROUP BY journey HAVING bool_or(control) AND bool_or(NOT control)
        ORDER BY journey = 'all journeys' DESC, journey""")
    rows = []
    for journey, treated, control, mean, variance, base, base_variance in found:
        made = difference(_spread(mean, variance, treated), _spread(base, base_variance, control))
        low, high = (each if abs(each) < inf else None for each in (made.low, made.high))
        rows.append((every_journey(str(journey)), treated, control, mean, base, made.value, low, high))
    if not rows:
        return None, (
            Words(
                "Comparison with a holdout: nobody who started a journey in the window was held out. Give "
                "journeys a `holdout: 10%`, or the policies a `global_holdout: 2%`."
            )
        )
    titles = (
        Column("journey"),
        Column("customers", "count"),
        Column("held out", "count"),
        Column("revenue per customer", "money"),
        Column("held out: revenue", "money"),
        Column("difference", "money", "low", "high"),
        Column("low", "money"),
        Column("high", "money"),
    )
    meaning = Words(
        "Revenue per customer from their first start to the end of the window. 'all journeys': the global holdout."
    )
    return Table(Words("Held out or not"), titles, tuple(rows), meaning), ""


def _spread(mean: Cell, variance: Cell, units: Cell) -> Spread:
    count = int(units or 0)
    return Spread(float(mean or 0), float(variance) / count if variance is not None else float("nan"), count)
