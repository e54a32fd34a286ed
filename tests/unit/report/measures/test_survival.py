"""Kaplan and Meier against a textbook: remissions of leukaemia under 6-mercaptopurine (Freireich and others 1963)."""

from __future__ import annotations

from math import sqrt

import pytest

from engine.report.measures.survival import at, median, survival

EVENTS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
TIMES = [(float(t), EVENTS.count(t), CENSORED.count(t)) for t in {*EVENTS, *CENSORED}]
# week: at risk, share left, standard error, as the books print it
TEXTBOOK = {
    6: (21, 0.8571, 0.0764),
    7: (17, 0.8067, 0.0869),
    10: (15, 0.7529, 0.0963),
    13: (12, 0.6902, 0.1068),
    16: (11, 0.6275, 0.1141),
    22: (7, 0.5378, 0.1282),
    23: (6, 0.4482, 0.1346),
}


def test_the_table_of_the_textbook() -> None:
    steps = {int(step.time): step for step in survival(TIMES)}

    assert steps.keys() == TEXTBOOK.keys()
    for week, (at_risk, share, error) in TEXTBOOK.items():
        assert steps[week].at_risk == at_risk
        assert steps[week].share == pytest.approx(share, abs=5e-5)
        assert (steps[week].share - steps[week].low) / 1.959964 == pytest.approx(error, abs=5e-5)


def test_between_steps_nothing_changes_and_the_median_is_the_first_time_with_half() -> None:
    steps = survival(TIMES)

    assert at(steps, 5)[0] == 1.0
    assert at(steps, 22.9) == at(steps, 22)
    assert median(steps) == 23


def test_without_censoring_it_is_the_share_that_is_left() -> None:
    steps = survival([(1, 1, 0), (2, 1, 0), (4, 2, 0)])

    assert [step.share for step in steps] == [0.75, pytest.approx(0.5), 0.0]
    assert steps[1].low == pytest.approx(0.5 - 1.959964 * sqrt(0.5 * 0.5 / 4), abs=1e-6)
    assert (steps[-1].low, steps[-1].high) == (0.0, 0.0)


def test_nobody_and_nobody_lost() -> None:
    assert survival([]) == []
    assert survival([(3, 0, 5)]) == []
    assert median([]) is None
