"""Measures of a few decisions, each counted by hand."""

from __future__ import annotations

import pytest

from engine.model.decision import LeftOut
from engine.model.span import DAY
from engine.report.decisions.logged import Conversion, Dataset, Logged, Outcome, joined
from engine.report.decisions.measures import acceptance, calibration, contests, measured, nothing, sensitivity
from engine.report.decisions.uplift import uplift
from tests.unit.report.made import candidate, decision

OUT = LeftOut("a", "eligibility")


def some() -> list[Logged]:
    a, b = candidate("a", propensity=0.5, value=1), candidate("b", propensity=0.25, value=4)
    return joined(
        [
            decision("d1", b, a, shown=["b", "a"]),
            decision("d2", a, channel="store", placement="store.till", profile="bo"),
            decision(
                "d3",
                shown=[],
                profile="cy",
                removed=[LeftOut("a", "eligibility"), LeftOut("b", "contact_policy", "cap")],
            ),
            decision("d4", shown=["c"], fallback=True, profile="di", removed=[LeftOut("a", "eligibility")]),
        ],
        [
            Outcome("ana", "a", "accepted", 2_000, "d1"),
            Outcome("ana", "b", "shown", 2_000, "d1"),
            Outcome("bo", "a", "declined", 3_000, "d2"),
        ],
    )


def counted(by: str) -> dict[str, tuple[int, int, int, int]]:
    return {each.name: (each.offered, each.seen, each.accepted, each.declined) for each in acceptance(some(), by)}


def test_acceptance_by_what_offers_have_in_common() -> None:
    assert counted("action") == {"a": (2, 2, 1, 1), "b": (1, 1, 0, 0), "c": (1, 0, 0, 0)}
    assert counted("rank") == {"1": (3, 2, 0, 1), "2": (1, 1, 1, 0)}
    assert counted("channel") == {"store": (1, 1, 0, 1), "web": (3, 2, 1, 0)}
    assert counted("day") == {"1970-01-01": (4, 3, 1, 1)}
    (a, _, _) = acceptance(some(), "action")
    assert a.share.value == 0.5


def test_no_action_and_why() -> None:
    found = nothing(some())

    assert (found.nothing.value, found.fallback.value) == (0.25, 0.25)
    assert found.why == (("eligibility", "", 2), ("contact_policy", "cap", 1))


def test_who_wins_against_whom() -> None:
    assert [(each.action, each.candidate, each.first, each.lost_to) for each in contests(some())] == [
        ("a", 2, 1, (("b", 1),)),
        ("b", 1, 1, ()),
    ]


def test_what_decides() -> None:
    # b is first by its value alone: 0.25 x 4 against 0.5 x 1
    shares = {factor: share.value for factor, (_, share) in sensitivity(some()).items()}

    assert shares == {"propensity": 0.0, "context": 0.0, "value": 1.0, "boost": 0.0}
    assert {count for count, _ in sensitivity(some()).values()} == {1}


def test_predicted_against_accepted() -> None:
    believed = candidate("a", wins=1, losses=3, propensity=0.9)  # what was drawn does not matter
    them = joined(
        [decision(f"d{number}", believed, profile=f"c{number}") for number in range(4)],
        [Outcome("c0", "a", "accepted", 2_000, "d0")],
    )
    found = calibration(them)

    assert found is not None
    assert (found.offered, found.error, len(found.bins)) == (4, 0.0, 1)
    assert found.brier == pytest.approx((0.75**2 + 3 * 0.25**2) / 4)
    assert calibration([]) is None


def test_offers_of_which_the_same_was_predicted_are_one_part_of_the_calibration() -> None:
    believed, sure = candidate("a", wins=1, losses=3), candidate("a", wins=3, losses=1)
    them = joined(
        [decision(f"d{number}", believed, profile=f"c{number}") for number in range(100)]
        + [decision(f"e{number}", sure, profile=f"s{number}") for number in range(20)],
        [Outcome(f"c{number}", "a", "accepted", 2_000, f"d{number}") for number in range(25)],
    )
    found = calibration(them)

    assert found is not None
    assert [(each.predicted, each.offered, each.observed.value) for each in found.bins] == [
        (0.25, 100, 0.25),
        (0.75, 20, 0.0),
    ]
    assert found.error == pytest.approx(0.75 * 20 / 120)


def test_uplift_counts_each_customer_once_from_their_first_decision_on() -> None:
    def of(name: str, profile: str, arm: str, at: int = DAY) -> object:
        return decision(name, candidate("a", value=5), profile=profile, arm=arm, at=at)

    decisions = [
        of("d1", "ana", "treated"),
        of("d2", "ana", "random", 2 * DAY),  # was merged since: counts where it was first
        of("d3", "bo", "treated"),
        of("d4", "cy", "random"),
        of("d5", "di", "random"),
    ]
    outcomes = [Outcome("ana", "a", "accepted", DAY + 1, "d1"), Outcome("ana", "a", "accepted", 2 * DAY + 1, "d2")]
    conversions = [Conversion("revenue", "bo", DAY + 1, 30.0), Conversion("revenue", "cy", 0, 99.0)]

    found = {each.measure: each for each in uplift(Dataset(joined(decisions, outcomes), conversions))}  # type: ignore[arg-type]
    assert (found["accepted"].treated.mean, found["accepted"].control.mean) == (1.0, 0.0)
    assert found["value"].difference.value == 5.0
    assert (found["revenue"].treated.mean, found["revenue"].control.mean) == (15.0, 0.0)  # 99 came before
    assert (found["accepted"].treated.units, found["accepted"].control.units) == (2, 2)


def test_without_a_control_group_there_is_no_uplift() -> None:
    assert uplift(Dataset(some())) == []
    assert measured(Dataset()).decisions == 0
