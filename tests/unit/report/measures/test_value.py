"""Value by number of channels, beside like customers and beside who was held out."""

from __future__ import annotations

from math import sqrt

from engine.report.measures.compared import Stratum, match
from engine.report.measures.value import projected
from tests.unit.report.measures.small import START, Small, by_first, near, table

DAY = 86_400_000


def test_value_by_number_of_channels_with_its_index() -> None:
    made = Small().did("a", "1d", "order_placed", "web", total=10, margin=4)
    made.did("b", "1d", "order_placed", "web", total=20, margin=8).did("b", "2d", "seen", "store")
    made.did("b", "3d", "refund_paid", "web", amount=5).did("c", "3d", "seen", "app")
    made.did("d", "4d", "order_placed", "", total=7)

    rows = by_first(table(made.found("value"), "Value by number of channels"))

    assert rows[1][:7] == (2, 1, 1, 10.0, 4.0, 5.0, 1.0)
    assert rows[2][:7] == (1, 1, 1, 15.0, 8.0, 15.0, 3.0)
    assert rows[0][:7] == (1, 1, 1, 7.0, None, 7.0, 1.4)


def test_observed_value_reaches_back_before_the_window_and_projected_is_the_formula() -> None:
    made = Small()
    for who in ("a", "b"):
        made.did(who, START - DAY, "order_placed", "web", total=100)
    made.did("a", "1d", "order_placed", "web", total=50)

    (row,) = table(made.found("value", report="report: {discount: 10%}\n"), "Value by number of channels")

    rate = 1.1 ** (90 / 365) - 1
    assert row[8:] == (150.0, 2, 0.5, near(50 * 0.5 / (1 + rate - 0.5), abs=1e-12))


def test_the_formula_is_the_sum_of_what_is_to_come() -> None:
    assert projected(100, 0.8, 0.1) == near(sum(100 * 0.8**t / 1.1**t for t in range(1, 500)))
    assert projected(100, 1, 0) is None


def test_matching_by_hand() -> None:
    strata = [
        Stratum(2, 10, 8, 4, 6, 2),
        Stratum(6, 4, 2, 3, 5, 1),
        Stratum(9, 99, 1, 0, 0, 0),
        Stratum(0, 0, 0, 9, 1, 1),
    ]

    found = match(strata)

    assert found is not None
    assert (found.units, found.treated, found.control) == (8, 5.5, 5.25)
    one, other = (1 * 8 + 5 * 2) / 6, (3 * 2 + 2 * 1) / 5
    half = 1.959964 * sqrt((2 / 8) ** 2 * (one / 2 + other / 4) + (6 / 8) ** 2 * (one / 6 + other / 3))
    assert found.difference.value == 0.25
    assert found.difference.high == near(0.25 + half, abs=1e-6)


def test_like_is_compared_with_like() -> None:
    made = Small()
    for number, (channels, then) in enumerate([(("web", "app"), 30), (("web", "web"), 10), (("web", "app"), 50)]):
        who = f"c{number}"
        for channel in channels:
            made.did(who, "1d", "seen", channel)
        made.did(who, "50d", "order_placed", "web", total=then)
    made.did("loner", "1d", "seen", "web").did("loner", "50d", "order_placed", total=1000)  # one act: nobody's like

    (both, two) = table(made.found("value"), "Matched: several channels beside one")

    assert both[:6] == ("2 or more", 2, 2, 40.0, 10.0, 30.0)
    assert both[6:8] == (None, None)  # one like customer: no spread is known
    assert both[8] == 40 - (10 + 1000) / 2
    assert two[1:] == both[1:]


def test_who_is_held_out_by_chance_shows_what_a_journey_brings() -> None:
    made = Small()
    for number in range(4):
        made.came(f"t{number}", "1d", "started", journey="j").did(f"t{number}", "2d", "order_placed", total=10 + number)
    made.came("h0", "1d", "started", {"arm": "holdout"}, journey="j").did("h0", "2d", "order_placed", total=6)
    made.came("h1", "1d", "started", journey="j").came("h1", "1d", "held_out", journey="j", rule="holdout")
    made.did("h1", "12h", "order_placed", total=500)  # before the start: no effect of it

    (row,) = table(made.found("value"), "Held out or not")

    assert row[:6] == ("j", 4, 2, 11.5, 3.0, 8.5)
    half = 1.959964 * sqrt((5 / 3) / 4 + 18 / 2)
    assert row[6:] == (near(8.5 - half, abs=1e-5), near(8.5 + half, abs=1e-5))


def test_without_a_holdout_it_says_what_to_declare() -> None:
    found = Small().did("a", "1d", "order_placed", total=1).found("value")

    assert any("holdout: 10%" in each for each in found.lacks)
    assert any("nothing is known of who stays" in each for each in found.lacks)


def test_without_declared_purchases_it_says_so_and_gives_no_zero() -> None:
    found = Small().did("a", "1d", "seen").found("value", report="report: {purchases: {}}\n")

    assert (found.tables, len(found.lacks)) == ((), 1)
