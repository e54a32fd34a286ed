"""What all measures are made from: one customer is one, one event once, an amount exact."""

from __future__ import annotations

import pytest

from engine.model.span import DAY
from engine.report.measures.basis import window_of
from engine.report.measures.measure import Window
from tests.unit.report.measures.small import END, START, Small, by_first, table


def test_merged_profiles_are_one_customer_through_any_number_of_merges() -> None:
    small = Small().did("a", "1d", "seen", "web").did("b", "2d", "seen", "app").did("c", "3d", "seen", "store")
    small.did("d", "3d", "seen", "store")
    small.came("b", "4d", "merged", {"from": "a"}).came("c", "5d", "merged", {"from": "b"})

    rows = by_first(table(small.found("reach"), "Customers by number of channels"))

    assert rows == {1: (1, 0.5, 0), 3: (1, 0.5, 0)}


def test_profiles_that_merge_in_a_circle_do_not_hang() -> None:
    small = Small().did("a", "1d", "seen").did("b", "2d", "seen", "app")
    small.came("b", "4d", "merged", {"from": "a"}).came("a", "5d", "merged", {"from": "b"})

    assert table(small.found("reach"), "Customers by number of channels")


def test_what_we_did_what_a_journey_emitted_and_what_was_set_aside_is_no_act() -> None:
    small = Small().did("a", "1d", "seen", "web").did("a", "1d", "delivered", "email").did("a", "1d", "seen", "")
    small.did("a", "1d", "seen", "app", _depth=1).did("a", "1d", "seen", "push", _dead=True).did(
        "", "1d", "seen", "sms"
    )

    assert table(small.found("reach"), "Customers by number of channels") == [(1, 1, 1.0, 0)]


def test_an_event_counts_once_when_it_happened_and_before_the_end() -> None:
    small = Small().did("a", "1d", "seen", "web", _id="x").did("a", "1d", "seen", "web", _id="x")
    small.did("a", END, "seen", "app").did("a", START - 1, "seen", "store").did(
        "a", START, "clicked", "email", _received=END
    )

    assert table(small.found("reach"), "Channels") == [("email", 1, 1.0, 1), ("web", 1, 1.0, 1)]


def test_money_is_exact_and_what_is_no_number_adds_nothing() -> None:
    small = Small().did("a", "1d", "order_placed", total=0.1, margin=0.05).did("a", "1d", "order_placed", total=0.2)
    small.did("a", "1d", "order_placed", total="99").did("a", "1d", "order_placed", total=None)
    small.did("a", "1d", "order_placed", total=-5).did("a", "1d", "refund_paid", amount=2.5)
    small.did("a", "2d", "order_placed", total=1, order_id="o1").did("a", "3d", "order_placed", total=1, order_id="o1")
    basis = small.basis()
    basis.need("spent")

    assert basis.rows("SELECT purchases, revenue, margin FROM spent") == ((5, -6.2, 0.05),)


def test_the_usual_window_is_ninety_days_before_the_newest_event() -> None:
    basis = Small().did("a", "10d", "seen").basis()

    assert window_of(basis.db, basis.plan) == Window(START - 80 * DAY + 1, START + 10 * DAY + 1, "Europe/Paris")


def test_a_day_begins_at_midnight_of_the_workspace() -> None:
    basis = Small().did("a", "10d", "seen").basis()

    found = window_of(basis.db, basis.plan, "2026-03-29", "2026-03-30")

    assert found.until - found.since == 23 * 3_600_000
    with pytest.raises(ValueError, match="before it begins"):
        window_of(basis.db, basis.plan, "2026-03-30", "2026-03-29")


def test_nothing_at_all_is_told_in_words() -> None:
    found = Small().found("reach")

    assert not found.tables
    assert "send events with a `channel`" in found.lacks[0]
