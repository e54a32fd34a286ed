"""A look-back beyond the beginning of an event's history: nobody can tell, so neither it nor its opposite holds."""

from __future__ import annotations

import pytest

from engine.define.condition import Names, parse_condition
from engine.define.history import HISTORY, begins, gaps, recorded, with_history
from engine.define.workspace import compile_sources, vocabulary_of
from engine.model.condition import Condition, Scope
from engine.model.problem import NOWHERE
from engine.model.profile import Past
from engine.model.span import DAY
from engine.model.vocabulary import EventType, Type
from tests.story import VOCABULARY, Story, ms, workspace

BEGINS = ms("2026-05-01T00:00:00Z")
NAMES = Names(
    roots={"customer": {"tier": Type("text")}},
    events={
        "order_placed": EventType("order_placed", {"total": Type("number")}, since=BEGINS),
        "visited": EventType("visited", {}),
    },
)
LONG_AGO = [Past("o1", ms("2026-05-02T00:00:00Z"), {"total": 5})]


def condition(text: str) -> Condition:
    found, problems = parse_condition(text, NOWHERE, NAMES)
    assert found is not None, problems
    return found


def scope(now: str, *, orders: bool = False) -> Scope:
    return Scope(now=ms(now), history={"order_placed": LONG_AGO if orders else []}, customer={"tier": "gold"})


@pytest.mark.parametrize(
    "text",
    [
        "order_placed in last 90d",
        "no order_placed in last 90d",
        "order_placed at most 3 times in last 90d",
        "order_placed exactly 2 times in last 90d",
        "no order_placed where total > 100 in last 90d",
        "not (order_placed in last 90d)",
        "not (no order_placed in last 90d)",
        "not (not (no order_placed in last 90d))",
        "not (customer.tier is silver or order_placed in last 90d)",
        "customer.tier is gold and no order_placed in last 90d",
    ],
)
@pytest.mark.parametrize("orders", [False, True])
def test_an_uncovered_window_makes_a_look_back_and_its_opposite_false(text: str, orders: bool) -> None:
    line, at = condition(text), scope("2026-07-29T23:59:59Z", orders=orders)
    assert not line.holds(at)
    assert "history of order_placed begins 2026-05-01" in line.why(at)


def test_from_the_instant_it_is_covered_it_has_an_answer() -> None:
    covered = scope("2026-07-30T00:00:00Z", orders=True)
    assert condition("order_placed in last 90d").holds(covered)
    assert not condition("no order_placed in last 90d").holds(covered)
    assert condition("not (order_placed at least 2 times in last 90d)").holds(covered)


def test_what_asks_no_window_or_another_event_or_may_be_answered_otherwise_is_answered() -> None:
    now = scope("2026-06-01T00:00:00Z")
    assert condition("no order_placed").holds(now)
    assert condition("no visited in last 400d").holds(now)
    assert condition("customer.tier is gold or order_placed in last 90d").holds(now)
    assert condition("not (customer.tier is silver and order_placed in last 90d)").holds(now)
    assert condition("no order_placed in last 31d").holds(now)


SINCE = VOCABULARY.replace("order_placed:\n", "order_placed:\n      since: 2026-05-01\n")
SILENT = """
journey: silent
start: {enters: quiet_ones}
steps:
  - send: m1
    via: email
"""
SEGMENT = "segments:\n  quiet_ones: no order_placed in last 90d\n"


def test_a_segment_is_entered_at_the_instant_at_which_history_covers_it() -> None:
    story = Story(SILENT, vocabulary=SINCE, others=[SEGMENT])
    story.join("2026-06-01T10:00:00Z")
    story.end()
    assert story.kinds("entered") == [" 2026-07-30T00:00:00Z"]
    assert story.sent == ["m1 by email 2026-07-30T06:00:00Z"]


def test_without_a_beginning_a_customer_who_appeared_today_has_a_whole_past() -> None:
    story = Story(SILENT, others=[SEGMENT])
    story.join("2026-06-01T10:00:00Z")
    story.end()
    assert story.kinds("entered")[0] == " 2026-06-01T10:00:00Z"


def test_a_beginning_that_is_none_is_a_problem_of_its_line() -> None:
    bad = compile_sources(workspace(SILENT, vocabulary=SINCE.replace("2026-05-01", "May"), others=[SEGMENT]))
    assert [(p.place.line, p.code) for p in bad.problems] == [(15, "vocabulary")]
    assert "'May' is no day and no instant" in str(bad.problems[0])


NOW = ms("2026-09-01T12:00:00Z")


def sources(keep: str, *, more: str = "", since: str = "") -> dict[str, str]:
    text = VOCABULARY.replace("order_placed:\n", f"order_placed:\n      keep: {keep}\n{since}{more}")
    return workspace(SILENT, vocabulary=text, others=[SEGMENT])


def test_a_new_event_begins_with_the_release_and_a_longer_keep_where_the_old_one_ended() -> None:
    more = "      properties: {order_id: text, total: number, store: text}\n    scanned:\n"
    began = begins(vocabulary_of(sources("90d")), vocabulary_of(sources("400d", more=more)), NOW)
    assert began == {"order_placed": NOW - 90 * DAY, "scanned": NOW}
    assert begins(vocabulary_of(sources("400d")), vocabulary_of(sources("90d")), NOW) == {}


def test_a_release_keeps_what_earlier_ones_recorded_until_time_has_covered_it() -> None:
    first = with_history(sources("30d"), None, NOW)
    assert HISTORY not in first
    second = with_history(sources("400d"), first, NOW)
    assert recorded(second) == {"order_placed": NOW - 30 * DAY}
    assert with_history(sources("400d"), second, NOW + 9 * DAY) == second
    assert HISTORY not in with_history(sources("400d"), second, NOW + 400 * DAY)
    assert HISTORY not in with_history(sources("400d", since="      since: 2020-01-01\n"), second, NOW)


def test_a_published_plan_knows_its_gaps_and_says_them() -> None:
    published = compile_sources(with_history(sources("400d"), sources("30d"), NOW))
    assert published.problems == ()
    assert [str(gap) for gap in gaps(published.plan, NOW)] == [
        "journeys/other_0.yaml:2: history of order_placed begins 2026-08-02: 'no order_placed in last 90d' "
        "and its opposite are false until 2026-10-31."
    ]
    assert gaps(published.plan, NOW + 60 * DAY) == ()
    assert published.plan.fingerprint != compile_sources(sources("400d")).plan.fingerprint
