"""Paths between channels, and removal effects against arithmetic by hand."""

from __future__ import annotations

from fractions import Fraction

from engine.report.measures.paths import reached, removal_effects
from tests.unit.report.measures.small import Small, by_first, table

# START > A > BUY; START > A > B > BUY; START > B > DROP
HAND = {
    ("START", "A"): 2,
    ("START", "B"): 1,
    ("A", "BUY"): 1,
    ("A", "B"): 1,
    ("B", "BUY"): 1,
    ("B", "DROP"): 1,
}


def test_removal_effects_by_hand() -> None:
    # B: 1/2; A: 1/2 + 1/2 x 1/2 = 3/4; START: 2/3 x 3/4 + 1/3 x 1/2 = 2/3. Without A: 1/3 x 1/2; without B: 2/3 x 1/2.
    assert reached(HAND) == Fraction(2, 3)
    assert removal_effects(HAND) == {"A": Fraction(3, 4), "B": Fraction(1, 2)}


def test_circles_between_channels_are_solved() -> None:
    # A > B, B > A half of the time, else BUY: all who start buy, and without either nobody does
    circle = {("START", "A"): 4, ("A", "B"): 8, ("B", "A"): 4, ("B", "BUY"): 4}

    assert reached(circle) == 1
    assert removal_effects(circle) == {"A": 1, "B": 1}


def test_without_a_purchase_there_is_no_effect() -> None:
    assert removal_effects({("START", "A"): 1, ("A", "DROP"): 1}) == {}
    assert reached({}) == 0


def small() -> Small:
    made = Small()
    made.did("a", "1d", "seen", "web").did("a", "1d1h", "seen", "web").did("a", "2d", "order_placed", "web", total=5)
    made.did("a", "2d1h", "seen", "store")  # begins a new path, which is abandoned
    made.did("b", "1d", "seen", "web").did("b", "2d", "order_placed", "store", total=5)
    made.did("c", "80d", "seen", "app")  # still open at the end
    return made


def test_paths_end_with_a_purchase_after_a_pause_or_are_open() -> None:
    found = small().found("transitions")

    assert by_first(table(found, "Paths")) == {"BUY": (2,), "DROP": (1,), "OPEN": (1,)}
    assert sorted(row[:3] for row in table(found, "Transitions")) == [
        ("START", "store", 1),
        ("START", "web", 2),
        ("store", "BUY", 1),
        ("store", "DROP", 1),
        ("web", "BUY", 1),
        ("web", "store", 1),
    ]
    assert ("START > web > BUY", 1, 1 / 3) in table(found, "Most frequent sequences")
    # web: 1/2 + 1/2 x 1/2 = 3/4; START: 2/3 x 3/4 + 1/3 x 1/2 = 2/3; without web 1/6, without store 1/3
    assert table(found, "Removal effect") == [("web", 0.75, 0.6, 1.2), ("store", 0.5, 0.4, 0.8)]


def test_the_sankey_has_a_flow_for_each_first_stop_and_each_end() -> None:
    (chart,) = small().found("transitions").charts

    flows = {(each.stage, each.source, each.target): each.value for each in chart.flows}
    assert flows[0, "START", "web"] == 2
    assert flows[2, "store", "BUY"] == 1
    assert flows[1, "store", "DROP"] == 1


def test_a_pause_of_exactly_its_length_ends_no_path() -> None:
    made = Small().did("a", "1d", "seen", "web").did("a", "31d", "seen", "store").did("a", "32d", "order_placed", "app")

    assert by_first(table(made.found("transitions"), "Paths"))["DROP"] == (0,)


def test_where_people_abandon_is_the_last_stop_of_a_dropped_path() -> None:
    found = small().found("abandonment")

    assert table(found, "Where people abandon") == [("store", 2, 1, 0.5), ("web", 1, 0, 0.0)]
