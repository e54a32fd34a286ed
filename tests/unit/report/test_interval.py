"""Intervals against published or hand-computed values."""

from __future__ import annotations

from math import inf, isnan

import pytest

from engine.report.decisions.interval import Spread, bootstrap, difference, linear, relative, wilson


def test_wilson_as_published() -> None:
    # Newcombe (1998), table I: 81 of 263, and 0 of 20, at 95 %
    some, none = wilson(81, 263), wilson(0, 20)
    assert [some.low, some.high] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert none.low == 0.0
    assert none.high == pytest.approx(0.1611, abs=5e-5)
    assert isnan(wilson(0, 0).value)


def test_a_difference_by_hand() -> None:
    treated, control = Spread.of([1, 2, 3]), Spread.of([0, 2])

    assert (treated.mean, treated.units) == (2.0, 3)
    assert treated.variance == pytest.approx(1 / 3)
    assert control.variance == pytest.approx(1.0)
    found = difference(treated, control)
    assert found.value == 1.0
    assert found.high == pytest.approx(1 + 1.959964 * (1 / 3 + 1) ** 0.5, abs=1e-5)
    share = relative(treated, control)
    assert share.value == pytest.approx(1.0)
    assert share.high == pytest.approx(1 + 1.959964 * (1 / 3 + 4) ** 0.5, abs=1e-5)


def test_one_unit_says_nothing_of_the_spread() -> None:
    assert (linear([1.0], [2.0]).estimate().low, linear([1.0], [2.0]).estimate().value) == (-inf, 0.5)
    assert isnan(linear([], []).estimate().value)


@pytest.mark.slow
def test_the_bootstrap_is_the_same_for_a_seed_and_near_the_normal_interval() -> None:
    above, below = [float(number % 3) for number in range(600)], [1.0] * 600

    found, normal = bootstrap(above, below, draws=400, seed="s"), linear(above, below).estimate()
    assert found == bootstrap(above, below, draws=400, seed="s") != bootstrap(above, below, draws=400, seed="t")
    assert found.low == pytest.approx(normal.low, abs=0.02)
    assert found.high == pytest.approx(normal.high, abs=0.02)


@pytest.mark.slow
def test_many_units_are_drawn_in_blocks_of_the_same_spread() -> None:
    above = [float(number % 2) for number in range(20_000)]

    found, normal = bootstrap(above, [1.0] * 20_000, draws=100), linear(above, [1.0] * 20_000).estimate()
    assert found.high - found.low == pytest.approx(normal.high - normal.low, rel=0.2)
