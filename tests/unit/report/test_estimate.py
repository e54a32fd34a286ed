"""Off-policy estimates: cases computed by hand, what must always hold, and intervals that cover a known truth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.report.decisions.choices import BadRows, Choices
from engine.report.decisions.estimate import worth
from engine.report.decisions.interval import bootstrap
from engine.report.decisions.policies import constant_policy, given_policy, logged_policy, random_policy, varied
from engine.report.decisions.reward_model import RewardModel
from tests.unit.report.made import HERE, choices, logged

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.floats(0.05, 1)), min_size=1, max_size=12)


def test_a_constant_policy_by_hand() -> None:
    made = choices(("a", 1, 0.5), ("b", 1, 0.5), ("a", 0, 0.25))
    found = worth(made, constant_policy(made, "a"))

    # weights 2, 0, 4: IPS (2 + 0 + 0) / 3, SNIPS 2 / 6; 6^2 / (4 + 16)
    assert found.ips.value == pytest.approx(2 / 3)
    assert found.snips.value == pytest.approx(1 / 3)
    assert found.effective == pytest.approx(36 / 20)
    assert (found.largest, found.unsupported) == (4.0, 0.0)
    assert found.logged.value == pytest.approx(2 / 3)


def test_the_normal_interval_by_hand() -> None:
    made = choices(("a", 1, 0.5), ("a", 0, 0.5))
    found = worth(made, logged_policy(made))

    # rewards 1 and 0: mean 1/2, variance 1/2, standard error sqrt(1/2 / 2) = 1/2
    assert found.ips.low == pytest.approx(0.5 - 1.959964 * 0.5, abs=1e-5)
    assert found.ips.high == pytest.approx(0.5 + 1.959964 * 0.5, abs=1e-5)


def test_the_doubly_robust_estimate_by_hand() -> None:
    class Model(RewardModel):
        def reward(self, customer: int, place: int, context: int, action: int) -> float:
            return (0.5, 0.2)[action]

    rows = choices(("a", 1, 0.5), ("b", 0, 0.5))
    found = worth(rows, varied("x", rows, [{0: 0.8, 1: 0.2}, {0: 0.8, 1: 0.2}]), Model(rows))

    direct = 0.8 * 0.5 + 0.2 * 0.2
    first, second = direct + 0.8 / 0.5 * (1 - 0.5), direct + 0.2 / 0.5 * (0 - 0.2)
    assert found.dr is not None
    assert found.dr.value == pytest.approx((first + second) / 2)


@pytest.mark.slow
@settings(max_examples=25)
@given(ROWS)
def test_the_logging_policy_is_worth_the_mean_reward(rows: list[tuple[str, float, float]]) -> None:
    made = choices(*rows)
    found = worth(made, logged_policy(made))

    mean = sum(reward for _, reward, _ in rows) / len(rows)
    assert found.ips.value == pytest.approx(mean)
    assert found.snips.value == pytest.approx(mean)
    assert found.effective == pytest.approx(len(rows))
    assert found.gain.value == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
@settings(max_examples=25)
@given(ROWS, st.floats(0.1, 1))
def test_snips_does_not_change_when_all_logged_probabilities_are_scaled(
    rows: list[tuple[str, float, float]], factor: float
) -> None:
    scaled = choices(*((action, reward, propensity * factor) for action, reward, propensity in rows))
    made = choices(*rows)

    once, twice = worth(made, random_policy(made)), worth(scaled, random_policy(scaled))
    assert twice.snips.value == pytest.approx(once.snips.value)
    assert twice.ips.value == pytest.approx(once.ips.value / factor)


def test_one_model_serves_several_policies() -> None:
    made = choices(*[("a", 1.0, 0.5), ("b", 0.0, 0.5)] * 50)
    model = RewardModel(made)

    values = [worth(made, constant_policy(made, name), model).dr for name in ("a", "b", "a")]
    assert [each.value for each in values if each is not None] == pytest.approx([1, 0, 1], abs=0.02)


@pytest.mark.slow
@settings(max_examples=25)
@given(ROWS)
def test_a_model_that_is_right_needs_no_weights(rows: list[tuple[str, float, float]]) -> None:
    class Right(RewardModel):
        def reward(self, customer: int, place: int, context: int, action: int) -> float:
            return float(action)

    order = list(dict.fromkeys(action for action, _, _ in rows))
    made = choices(*((action, float(order.index(action)), propensity) for action, _, propensity in rows))
    target = random_policy(made)
    found = worth(made, target, Right(made))

    assert found.dr is not None
    assert found.dr.value == pytest.approx(sum(range(len(order))) / len(order))  # the direct value, without spread
    assert found.dr.high - found.dr.low < 1e-9 or len(rows) == 1


def test_what_was_never_logged_is_said_to_have_no_support() -> None:
    made = Choices()
    made.add("a", ("home", ""), 1, 1.0, 1.0)
    made.add("b", ("till", ""), 2, 1.0, 1.0)
    shown = varied("x", made, [{0: 0.25, 1: 0.75}, {1: 1.0}])

    assert worth(made, shown).unsupported == pytest.approx(0.75 / 2)
    assert constant_policy(made, "a").chances == [{0: 1.0}, {}]  # at the till there is no `a`: it shows nothing


def test_weights_are_cut_only_when_asked() -> None:
    made = choices(("a", 1, 0.01), ("b", 0, 0.99))
    whole, cut = (worth(made, random_policy(made), clip=clip) for clip in (None, 10.0))

    assert (whole.largest, whole.clipped) == (50.0, 0.0)
    assert (cut.largest, cut.clipped, cut.ips.value) == (10.0, 0.5, 5.0)


def test_a_policy_of_somebody_else_is_read_from_its_column() -> None:
    made = Choices()
    made.add("a", HERE, 1, 1.0, 0.5, target=0.25)
    made.add("b", HERE, 2, 1.0, 0.5, target=0.5)

    assert worth(made, given_policy(made)).ips.value == pytest.approx((0.5 + 1) / 2)
    with pytest.raises(BadRows, match="target"):
        given_policy(choices(("a", 1, 1)))


def test_an_action_that_is_unknown_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadRows, match="Did you mean 'boots'"):
        constant_policy(choices(("boots", 1, 1)), "boot")


CHANCES = (0.4, 0.3, 0.15, 0.1, 0.05)


def rate(context: int, action: int) -> float:
    return 0.1 + 0.08 * ((2 * action + context) % 5)


TRUTH = sum(rate(context, action) for context in range(3) for action in range(5)) / 15


@pytest.mark.slow
def test_intervals_cover_the_truth_at_their_rate() -> None:
    times = 200
    covered = dict.fromkeys(("ips", "snips", "dr", "bootstrap"), 0)
    for seed in range(times):
        made = logged(250, CHANCES, rate, seed)
        target = random_policy(made)
        found = worth(made, target, RewardModel(made))
        rewards = [
            chance / was * reward
            for chance, was, reward in zip(target.shown, made.propensity, made.reward, strict=True)
        ]
        drawn = bootstrap(made.by_customer(rewards), made.by_customer([1.0] * len(made)), draws=100)
        assert found.dr is not None
        for name, each in zip(covered, (found.ips, found.snips, found.dr, drawn), strict=True):
            covered[name] += TRUTH in each

    # 95 % of 200, give or take 3.5 standard errors of that
    assert all(179 <= count <= 200 for count in covered.values()), covered


def test_customers_are_the_units_of_intervals() -> None:
    rows = [("a", float(number % 2), 0.5) for number in range(40)]
    alone = worth(choices(*rows), logged_policy(choices(*rows)))
    often = choices(*rows * 4, customers=list(range(40)) * 4)
    repeated = worth(often, logged_policy(often))

    assert repeated.ips.high - repeated.ips.low == pytest.approx(alone.ips.high - alone.ips.low)
