"""The contextual model: what it learns of traits is a few weights, used and told without it."""

from __future__ import annotations

import pytest

from engine.decide.contextual import changed, shifted, with_changes
from engine.decide.learning import Parcel, learn
from engine.decide.thompson import Thompson
from engine.journey.ask import ask
from engine.model.action import Asked
from engine.model.learned import NOTHING_YET, Snapshot, Tried
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.policy.traits import traits_of
from engine.runtime import contextual
from tests.unit.decide.test_answer import NOW
from tests.unit.decide.test_learned import learning

TODAY = NOW // DAY


def tips() -> Plan:
    """One action that learns, and a model that knows tiers."""
    return learning("tip", features=("tier",))


def taught(plan: Plan, parcels: int = 30) -> Snapshot:
    """Golden customers accept four times of ten, others once, as many of each."""
    found = NOTHING_YET
    for number in range(1, parcels + 1):
        tried = [
            Tried(TODAY, "tip|web.home|", 10, 0, "tier=gold"),
            Tried(TODAY, "tip|web.home|", 10, 1, "tier=none"),
            Tried(TODAY, "tip|web.home|", 0, 4, "tier=gold"),  # what is accepted comes later
        ]
        parcel = Parcel(1, number, tuple(tried))
        found = learn(found, [parcel], NOW, 30 * DAY, lambda before, new: contextual.trained(plan, before, new))
    return found


@pytest.mark.slow
def test_a_model_learns_by_how_much_customers_differ_and_the_answer_says_it() -> None:
    plan = tips()
    snapshot = taught(plan)
    learned = Thompson(snapshot, draws=False)

    def asked(**known: str) -> tuple[float, str]:
        profile = Profile(id="c1", label="c1", attributes=dict(known))
        (best,) = ask(plan, profile, Asked("web.home"), NOW, learned=learned).ranked
        return best.factors.propensity, best.factors.why[0]

    assert set(snapshot.weights) == {"tip|tier=gold", "tip|tier=none"}
    gold, why = asked(tier="gold")
    none, _ = asked(tier="none")
    assert 0.3 < gold < 0.45
    assert 0.08 < none < 0.2
    assert "; odds x " in why
    assert why.endswith("for tier=gold")
    # of whom nothing is known the counts say all
    assert asked()[0] == pytest.approx((1 + 30 * 5) / (10 + 30 * 20))
    # the same lessons teach the same
    assert taught(plan).weights == snapshot.weights


@pytest.mark.slow
def test_what_was_shown_and_accepted_later_teaches_what_it_teaches_at_once() -> None:
    plan = tips()
    at_once = contextual.trained(plan, NOTHING_YET, [Tried(TODAY, "tip|web.home|", 1, 1, "tier=gold")])
    later = contextual.trained(plan, NOTHING_YET, [Tried(TODAY, "tip|web.home|", 1, 0, "tier=gold")])
    later = contextual.trained(plan, Snapshot(weights=later), [Tried(TODAY, "tip|web.home|", 0, 1, "tier=gold")])

    assert at_once["tip|tier=gold"] > 0
    assert later == at_once


def test_what_has_changed_is_all_that_must_be_told() -> None:
    before, after = {"a|x": 1.0, "a|y": 2.0, "a|z": 3.0}, {"a|x": 1.0, "a|y": 2.5, "b|x": 4.0}

    assert changed(before, after) == {"a|y": 2.5, "a|z": 0.0, "b|x": 4.0}
    assert with_changes(before, changed(before, after)) == after


def test_without_the_extra_the_counts_alone_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contextual, "installed", lambda: False)

    found = taught(tips(), parcels=2)
    assert found.weights == {}
    assert found.cells["tip|web.home|"] == (40, 10)


def test_a_weight_moves_the_odds_and_never_too_far() -> None:
    weights = {"a|tier=gold": 0.7, "a|land=fr": -0.2, "a|size=8+": 9.0}

    mean, told = shifted(0.1, weights, "a", ["tier=gold", "land=fr", "land=de"])
    assert mean == pytest.approx(1 / (1 + 9 * 2.71828 ** (-0.5)), rel=1e-4)
    assert told == ["odds x 2.01 for tier=gold", "odds x 0.819 for land=fr"]
    assert shifted(0.1, weights, "a", ["size=8+"])[0] == pytest.approx(5 / 14)
    assert shifted(0.1, weights, "b", ["tier=gold"]) == (0.1, [])


def test_traits_are_few_and_have_no_sign_that_means_something_else() -> None:
    known = {"tier": "Gold|x&y", "orders": 13, "debt": -3.5, "vip": True, "tags": ["a"], "none": 0}

    assert traits_of(known, ("tier", "orders", "debt", "vip", "tags", "gone", "none")) == (
        "tier=gold%7Cx%26y",
        "orders=8+",
        "debt=-2+",
        "vip=true",
        "none=0",
    )
    # what is counted is 0 before its first event, as conditions read it
    assert traits_of(known, ("visits", "orders"), {"visits": 0, "orders": 0}) == ("visits=0", "orders=8+")


def test_a_showing_carries_the_traits_of_its_moment_to_the_end() -> None:
    from engine.journey.core import handle_event
    from engine.model.event import Event

    plan = tips()
    profile, tried = Profile(id="c1", label="c1", attributes={"tier": "gold"}), list[Tried]()
    for outcome in ("shown", "accepted"):
        said = {"action": "tip", "outcome": outcome, "placement": "web.home"}
        event = Event(id=outcome, name="action_outcome", profile={}, at=NOW, received=NOW, properties=said)
        walk = handle_event(plan, profile, event, NOW)
        profile, tried = walk.profile, [*tried, *walk.tried]
        profile.attributes["tier"] = "silver"

    assert [each.traits for each in tried] == ["tier=gold", "tier=gold"]
