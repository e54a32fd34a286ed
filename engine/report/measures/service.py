"""Service: what it costs to serve customers beside what they bring, and how fast they are answered."""

from __future__ import annotations

from engine.model.plan import Plan
from engine.model.reporting import OTHERS
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.decisions.interval import wilson
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Cell, Column, Found, Measure, Table
from engine.report.measures.shared import MONEY, text_of, texts
from engine.report.measures.words import CUSTOMER, either, money, span

NO_COSTS = Words(
    "Cost to serve: nothing is said to cost anything. Declare `report: costs: {messages: {sms: 0.06},"
    " events: {case_opened: 4.50}}`."
)
NO_ANSWERS = Words(
    "Response times: no event is said to ask and none to answer. Declare `report: answers: {asked: "
    "..., answered: [...], by: ...}`."
)


def _definition(plan: Plan) -> str:
    report = plan.report
    costs: list[str] = [
        Words("a message by {name} {cost:.6g}", name=name, cost=cost) for name, cost in report.costs.items()
    ]
    costs += [f"{name} {cost:.6g}" for name, cost in report.event_costs.items()]
    within = (report.answers.within if report.answers else {}).items()
    promise = Words.joined("; ", [Words("{name} {within}", name=name, within=span(ms)) for name, ms in within])
    asked = (
        Words("{asked} to {answered}", asked=report.answers.asked, answered=either(report.answers.answered))
        if report.answers is not None
        else "undeclared"
    )
    return Words(
        "{customer} {report} Cost to serve is what a customer's messages that left in the window and "
        "events in it cost ({costs}); what no cost is declared for costs nothing here. Customers with a "
        "purchase, a refund or a cost in the window stand in order of their revenue in it (equal ones in "
        "order of profile) and are cut into fifths, the last of them the best. Response time is from "
        "{asked}, of one customer with one {what}: from the first question with that id to the first "
        "answer after it, by the channel of the question. Promised is: {what2}. Kept, of all questions of"
        " the window that were answered, or are unanswered for longer than promised: the share that was "
        "answered in the time promised; a question that still has time is open. Half and 95 % are of the "
        "answered ones (between two values: in proportion).",
        customer=CUSTOMER,
        report=money(report),
        costs=Words.joined(", ", costs) or Words("none"),
        asked=asked,
        what=report.answers.by if report.answers is not None else "id",
        what2=promise or Words("nothing"),
    )


def _run(basis: Basis) -> Found:
    tables, lacks = [], []
    for made, missing in (_costs(basis), _fifths(basis), _answers(basis)):
        tables += [made] if made is not None else []
        lacks += [missing] if missing and missing not in lacks else []
    return Found(tuple(tables), (), tuple(lacks))


def _spendings(basis: Basis) -> str:
    """SQL: (customer, what, cost), one row for each message that left and each event that costs something."""
    cases = " ".join(f"WHEN {quoted(name)} THEN {cost:.6f}" for name, cost in basis.report.costs.items())
    events = " ".join(f"WHEN {quoted(name)} THEN {cost:.6f}" for name, cost in basis.report.event_costs.items())
    parts = []
    if cases:
        parts.append(
            f"SELECT customer, 'messages by ' || channel AS what, CAST(CASE channel {cases} END AS {MONEY}) AS cost "
            f"FROM sent WHERE channel IN ({texts(basis.report.costs)})"
        )
    if events:
        parts.append(
            f"SELECT customer, event AS what, CAST(CASE event {events} END AS {MONEY}) AS cost "
            f"FROM happened WHERE instant >= $since AND event IN ({texts(basis.report.event_costs)})"
        )
    return " UNION ALL ".join(parts)


def _costs(basis: Basis) -> tuple[Table | None, str]:
    basis.need("sent", "happened")
    spendings = _spendings(basis)
    if not spendings:
        return None, NO_COSTS
    found = basis.rows(f"SELECT what, count(*), sum(cost) FROM ({spendings}) GROUP BY what ORDER BY 3 DESC, what")
    if not found:
        return None, Words("Cost to serve: nothing that costs anything has happened in the window.")
    titles = (Column("what"), Column("times", "count"), Column("cost", "money"))
    return Table(Words("What serving costs"), titles, found), ""


def _fifths(basis: Basis) -> tuple[Table | None, str]:
    spendings = _spendings(basis)
    if not spendings:
        return None, NO_COSTS
    basis.need("spent")
    found = basis.rows(f"""
        WITH served AS (SELECT customer, sum(cost) AS cost FROM ({spendings}) GROUP BY customer), both_ AS (
            SELECT customer, coalesce(revenue, 0) AS revenue, margin, coalesce(cost, 0) AS cost,
                   ntile(5) OVER (ORDER BY coalesce(revenue, 0), customer) AS fifth
            FROM spent FULL JOIN served USING (customer)
        )
        SELECT fifth, count(*), sum(revenue), sum(margin), sum(cost), sum(cost) / count(*),
               CASE WHEN sum(revenue) > 0 THEN sum(cost) / sum(revenue) END,
               count(*) FILTER (cost > coalesce(margin, revenue))
        FROM both_ GROUP BY fifth ORDER BY fifth""")
    titles = (
        Column("fifth by revenue", "count"),
        Column("customers", "count"),
        Column("revenue", "money"),
        Column("margin", "money"),
        Column("cost", "money"),
        Column("cost per customer", "money"),
        Column("cost of revenue", "share"),
        Column("cost more than they bring", "count"),
    )
    meaning = Words("Brought is the margin, or the revenue where no margin is known.")
    return (Table(Words("Cost to serve against value"), titles, found, meaning), "") if found else (None, "")


def _answers(basis: Basis) -> tuple[Table | None, str]:
    answers = basis.report.answers
    if answers is None:
        return None, NO_ANSWERS
    basis.need("happened")
    cases = " ".join(f"WHEN {quoted(name)} THEN {ms}" for name, ms in answers.within.items() if name != OTHERS)
    others = answers.within.get(OTHERS)
    promise = f"CASE channel {cases} ELSE {others or 'NULL'} END" if cases else str(others or "NULL::BIGINT")
    found = basis.rows(f"""
        WITH told AS (
            SELECT customer, {text_of(answers.by)} AS id, seq, instant, channel,
                   event = {quoted(answers.asked)} AS asked
            FROM happened WHERE event IN ({texts((answers.asked, *answers.answered))})
        ), asked AS (
            SELECT customer, id, min(seq) AS seq, min(instant) AS instant, arg_min(channel, seq) AS channel
            FROM told WHERE asked AND id IS NOT NULL GROUP BY customer, id
        ), timed AS (
            SELECT coalesce(nullif(channel, ''), 'no channel') AS channel, asked.instant, {promise} AS promise,
                   (SELECT min(told.instant) FROM told WHERE NOT told.asked AND told.customer = asked.customer
                    AND told.id = asked.id AND told.seq > asked.seq) - asked.instant AS took
            FROM asked WHERE instant >= $since
        )
        SELECT channel, count(*), count(took), any_value(promise),
               count(*) FILTER (promise IS NOT NULL AND (took IS NOT NULL OR $until - instant > promise)),
               count(*) FILTER (took <= promise), quantile_cont(took, 0.5), quantile_cont(took, 0.95)
        FROM timed GROUP BY channel ORDER BY 2 DESC, channel""")
    if not found:
        return None, Words(
            "Response times: nobody has asked anything in the window ({asked} with {by}).",
            asked=answers.asked,
            by=answers.by,
        )
    return Table(
        Words("Response times"), ANSWERED, tuple(map(_kept, found)), Words("By the channel of the question.")
    ), ""


ANSWERED = (
    Column("channel"),
    Column("asked", "count"),
    Column("answered", "count"),
    Column("half within", "ms"),
    Column("95 % within", "ms"),
    Column("promised", "ms"),
    Column("due", "count"),
    Column("in time", "count"),
    Column("kept", "share", "low", "high"),
    Column("low", "share"),
    Column("high", "share"),
)


def _kept(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    channel, asked, answered, promise, due, kept, half, most = row
    share = wilson(float(kept or 0), float(due or 0))
    shares = (share.value, share.low, share.high) if due else (None, None, None)
    return channel, asked, answered, half, most, promise, due, kept, *shares


MEASURE = Measure(
    "service", Words("Cost to serve and response times"), Words("costs; questions and their answers"), _definition, _run
)
