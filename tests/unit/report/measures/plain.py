"""The same definitions in plain Python, one customer after the other: what the measures have to agree with."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection

from engine.model.reporting import Reporting
from engine.report.measures.measure import Window

DAY = 86_400_000
HOUR = 3_600_000


@dataclass
class Event:
    at: int
    name: str
    channel: str
    properties: dict[str, Any]
    act: bool
    revenue: Decimal | None = None
    margin: Decimal | None = None
    money: bool = False
    purchase: bool = False


@dataclass
class Person:
    """One customer: what happened to them, in order, up to the end of the window."""

    events: list[Event] = field(default_factory=list)

    def acts(self, since: int, until: int) -> list[Event]:
        return [each for each in self.events if each.act and since <= each.at < until]

    def channels(self, since: int, until: int) -> set[str]:
        return {each.channel for each in self.acts(since, until)}

    def bought(self, since: int, until: int) -> list[Event]:
        return [each for each in self.events if each.purchase and since <= each.at < until]

    def revenue(self, since: int, until: int) -> Decimal:
        return sum((e.revenue or Decimal(0) for e in self.events if e.money and since <= e.at < until), Decimal(0))

    def margin(self, since: int, until: int) -> list[Decimal]:
        return [e.margin for e in self.events if e.money and e.margin is not None and since <= e.at < until]


def people(db: DuckDBPyConnection, report: Reporting, window: Window) -> dict[str, Person]:
    """Everybody, by the profile that others were merged into."""
    into = {
        json.loads(extra)["from"]: keeper
        for keeper, extra in db.execute(
            "SELECT profile, extra FROM outcomes WHERE kind = 'merged' ORDER BY decided"
        ).fetchall()
    }
    columns = "happened, logged, n, place, shard, segment, profile, event, id, channel, depth, dead, properties"
    trades: set[tuple[str, str, str]] = set()
    found: dict[str, Person] = {}
    rows = sorted(db.execute(f"SELECT {columns} FROM events").fetchall(), key=lambda row: row[:6])
    first: dict[str, tuple[int, ...]] = {}
    for row in rows:
        came = (row[5], row[4], *row[1:4])
        if not row[11]:
            first[row[8]] = min(came, first.get(row[8], came))
    for at, logged, n, place, shard, segment, profile, name, id_, channel, depth, dead, text in rows:
        if dead or not profile or at >= window.until or first[id_] != (segment, shard, logged, n, place):
            continue
        while profile in into:
            profile = into[profile]
        properties = json.loads(text) if text else {}
        event = Event(at, name, channel, properties, bool(channel) and not depth and name not in report.ours)
        for kind, sign in ((report.purchases, 1), (report.refunds, -1)):
            for trade in kind:
                if trade.event != name:
                    continue
                number = properties.get(trade.id)
                if number and (profile, name, str(number)) in trades:
                    continue
                trades.add((profile, name, str(number)))
                amount = _number(properties.get(trade.revenue))
                event.money, event.revenue = True, sign * amount if amount is not None else None
                event.purchase = sign == 1 and (amount is None or amount >= 0)
                own = _number(properties.get(trade.margin)) if trade.margin else None
                if own is not None:
                    event.margin = sign * own
                elif report.margin is not None and event.revenue is not None:
                    event.margin = event.revenue * Decimal(str(report.margin))
        found.setdefault(profile, Person()).events.append(event)
    return found


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(repr(value))


def paths(them: dict[str, Person], report: Reporting, window: Window) -> Iterator[tuple[list[str], str]]:
    """Stops and end of every path."""
    for person in them.values():
        stops: list[str] = []
        last = 0
        for each in person.events:
            if each.at < window.since or not (each.act or each.purchase):
                continue
            if stops and each.at - last > report.pause:
                yield stops, "DROP"
                stops = []
            channel = each.channel or "no channel"
            if not stops or stops[-1] != channel:
                stops.append(channel)
            last = each.at
            if each.purchase:
                yield stops, "BUY"
                stops = []
        if stops:
            yield stops, "DROP" if window.until - last > report.pause else "OPEN"


def baskets(them: dict[str, Person], report: Reporting, window: Window) -> dict[str, Counter[str]]:
    """By channel: abandoned, open, decided, recovered."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    spec = report.baskets
    assert spec is not None
    for person in them.values():
        done: set[str] = set()
        for index, each in enumerate(person.events):
            basket = each.properties.get(spec.by)
            if each.name not in spec.touched or basket is None or basket in done:
                continue
            after = person.events[index + 1 :]
            changes = [
                e.at for e in after if e.name in (*spec.touched, *spec.emptied) and e.properties.get(spec.by) == basket
            ]
            buys = [e.at for e in after if e.purchase]
            end = min([window.until, *changes[:1], *buys[:1]])
            gone = each.at + spec.after
            if end - each.at <= spec.after or gone < window.since:
                continue
            done.add(basket)
            counts = found[each.channel or "no channel"]
            counts["abandoned"] += 1
            counts["open"] += not buys and gone + spec.within >= window.until
            counts["decided"] += bool(buys) or gone + spec.within < window.until
            counts["recovered"] += bool(buys) and buys[0] <= gone + spec.within
    return found


def lives(them: dict[str, Person], report: Reporting, window: Window) -> dict[str, Counter[tuple[str, int, bool]]]:
    """By channels used at the first purchase: (what, days, whether it came)."""
    found: dict[str, Counter[tuple[str, int, bool]]] = defaultdict(Counter)
    for person in them.values():
        times = [each.at for each in person.bought(window.since, window.until)]
        if not times:
            continue
        start = times[0]
        group = str(len(person.channels(start - report.lost_after + 1, start + 1)))
        again = times[1] if len(times) > 1 else None
        gaps = zip(times, [*times[1:], window.until], strict=True)
        gone = next((a + report.lost_after for a, b in gaps if b - a > report.lost_after), None)
        for what, when in (("again", again), ("lost", gone)):
            days = ((when if when is not None else window.until) - start) // DAY
            found[group][what, days, when is not None] += 1
    return found


def answered(them: dict[str, Person], report: Reporting, window: Window, name: str) -> list[tuple[Decimal, str, str]]:
    """(mark, channel, transition) of each answer."""
    mark, found = report.marks[name], []
    surveys = {each.event for each in report.marks.values()}
    for person in them.values():
        acts: list[Event] = []
        for each in person.events:
            score = _number(each.properties.get(mark.score))
            only = all(each.properties.get(key) in values for key, values in mark.only.items())
            if each.name == mark.event and only and score is not None and each.at >= window.since:
                before = acts[-1] if acts else None
                near = before is not None and each.at - before.at <= report.linked
                channel = before.channel if before is not None and near else each.channel or "no channel"
                other = next((e for e in reversed(acts) if before is not None and e.channel != before.channel), None)
                way = ""
                if before is not None and other is not None and each.at - other.at <= report.linked:
                    way = f"{other.channel} > {before.channel}"
                found.append((score, channel, way))
            if each.act and each.name not in surveys:
                acts.append(each)
    return found


def crossed(
    them: dict[str, Person], report: Reporting, window: Window, to: Any, before: Any
) -> tuple[int, int, Decimal]:
    """Purchases on `to`, those with an act on `before` not long before, and their revenue."""
    count, those, revenue = 0, 0, Decimal(0)
    for person in them.values():
        for index, each in enumerate(person.events):
            if not each.purchase or each.at < window.since or each.channel not in to:
                continue
            count += 1
            if any(e.act and e.channel in before and each.at - e.at <= report.linked for e in person.events[:index]):
                those, revenue = those + 1, revenue + (each.revenue or 0)
    return count, those, revenue


def responses(them: dict[str, Person], report: Reporting, window: Window) -> dict[str, list[int | None]]:
    """By channel: how long each question took; None where nobody has answered."""
    spec, found = report.answers, defaultdict(list)
    assert spec is not None
    for person in them.values():
        cases: dict[str, list[Event]] = defaultdict(list)
        for each in person.events:
            if each.name in (spec.asked, *spec.answered) and each.properties.get(spec.by) is not None:
                cases[each.properties[spec.by]].append(each)
        for case in cases.values():
            at = next((i for i, each in enumerate(case) if each.name == spec.asked), None)
            if at is None or case[at].at < window.since:
                continue
            answer = next((each.at for each in case[at + 1 :] if each.name in spec.answered), None)
            found[case[at].channel or "no channel"].append(answer - case[at].at if answer is not None else None)
    return found


def between(values: list[int], share: float) -> float:
    """A quantile, in proportion between its neighbours."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def kaplan_meier(lives: Counter[tuple[str, int, bool]], what: str, days: int) -> float:
    """The share left after so many days, from single lives."""
    single = sorted((time, came) for (kind, time, came), many in lives.items() if kind == what for _ in range(many))
    share, times = 1.0, [time for time, _ in single]
    for time in sorted({time for time, came in single if came and time <= days}):
        share *= 1 - sum(1 for t, came in single if came and t == time) / (len(single) - bisect_left(times, time))
    return share
