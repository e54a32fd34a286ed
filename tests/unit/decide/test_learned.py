"""What was learned: beliefs that begin like their like, draws that are the same all day, sentences that say it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.posterior import Start, Totals, posterior
from engine.decide.thompson import Thompson
from engine.journey.ask import ask
from engine.model.action import Asked, Propensity
from engine.model.learned import Cell, Count, Snapshot
from engine.model.plan import Plan
from engine.model.policy import Learning, Ramp
from engine.model.profile import Offer, Profile, Suggestion
from engine.model.span import DAY
from tests.unit.decide.test_answer import NOW, plan

START = Start(0.1, 10.0, "as written")


def snapshot(**counts: tuple[float, float]) -> Snapshot:
    """Counts by action, all at web.home."""
    return Snapshot(7, NOW, cells={f"{name}|web.home|": Count(*count) for name, count in counts.items()})


def learning(*actions: str, **policy: Any) -> Plan:
    """The plan with only these actions, all of which learn and begin at 0.1."""
    found = plan()
    made = {
        name: replace(found.actions["new_arrivals"], name=name, propensity=Propensity(0.1, learn=True))
        for name in actions
    }
    policies = replace(found.policies, learning=replace(found.policies.learning, **policy))
    return replace(found, actions=made, policies=policies)


def test_a_belief_begins_as_written_and_gives_way_to_what_is_counted() -> None:
    cell = Cell("kit", "web.home", "")
    none = posterior(START, Totals(Snapshot()), cell, Learning())
    some = posterior(START, Totals(snapshot(kit=(90.0, 30.0))), cell, Learning())

    assert (none.wins, none.losses) == (1.0, 9.0)
    assert (some.wins, some.losses) == (31.0, 69.0)


def test_a_new_cell_begins_where_its_like_stand_and_they_count_for_little() -> None:
    cells = {"kit|web.home|": Count(1_000, 500), "kit|store.till|gold": Count(0, 0)}
    found = posterior(
        START, Totals(Snapshot(1, NOW, cells=cells)), Cell("kit", "store.till", "gold"), Learning(borrow=20)
    )

    assert found.mean == pytest.approx((0.1 * 10 + 500) / 1_010)
    assert found.wins + found.losses == pytest.approx(20)
    here = {**cells, "kit|store.till|gold": Count(200, 10)}
    found = posterior(
        START, Totals(Snapshot(1, NOW, cells=here)), Cell("kit", "store.till", "gold"), Learning(borrow=20)
    )
    assert found.mean == pytest.approx((20 * 501 / 1_010 + 10) / 220)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["web.home", "till"]), st.sampled_from(["", "gold"])),
        st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda two: Count(max(two), min(two))),
    ),
    st.sampled_from(["web.home", "till"]),
    st.sampled_from(["", "gold"]),
)
def test_a_belief_is_never_surer_than_what_was_counted_and_taken_over(
    counts: dict[tuple[str, str], Count], placement: str, segment: str
) -> None:
    cells = {f"kit|{place}|{who}": count for (place, who), count in counts.items()}
    found = posterior(START, Totals(Snapshot(1, NOW, cells=cells)), Cell("kit", placement, segment), Learning())

    own = counts.get((placement, segment), Count())
    assert found.wins > 0
    assert found.losses > 0
    assert own.shown + 10 <= found.wins + found.losses + 1e-6
    assert found.wins + found.losses <= own.shown + 20 + 1e-6


def test_an_action_without_a_start_begins_at_the_mean_of_what_its_like_have_learned() -> None:
    three = learning("old", "new")
    new = replace(three.actions["new"], propensity=Propensity(learn=True))
    three = replace(three, actions={**three.actions, "new": new}, propensities={"marketing": 0.1})
    found = Thompson(snapshot(old=(90.0, 60.0))).posterior(three, Cell("new", "web.home", ""))

    assert found.start.why == "the mean of marketing actions"
    assert found.mean == pytest.approx((0.1 * 10 + 60) / 100)


def answered(plan: Plan, learned: Thompson, profile: str = "c1", placement: str = "web.home", now: int = NOW) -> Any:
    return ask(plan, Profile(id=profile, label=profile), Asked(placement), now, learned=learned)


def test_the_better_one_is_shown_more_often_and_the_other_still_tried() -> None:
    two = learning("good", "poor")
    learned = Thompson(snapshot(good=(40.0, 10.0), poor=(40.0, 4.0)))
    best = [answered(two, learned, f"c{number}").ranked[0].action.name for number in range(300)]

    assert 230 < best.count("good") < 295


def test_a_draw_is_the_same_all_day_on_every_placement_and_another_tomorrow_and_by_other_rules() -> None:
    two = learning("good", "poor")
    learned = Thompson(Snapshot())
    morning = answered(two, learned).ranked[0].factors

    assert answered(two, learned, now=NOW + 3_600_000).ranked[0].factors == morning
    app = answered(two, learned, placement="app.home").ranked[0].factors
    assert app.propensity == morning.propensity
    others = [
        answered(two, learned, now=NOW + 86_400_000),
        answered(replace(two, rules_version="other"), learned),
        answered(two, learned, "c2"),
    ]
    assert all(morning.propensity not in {each.factors.propensity for each in other.ranked} for other in others)


def test_of_those_whom_nobody_knows_each_has_their_own_luck() -> None:
    two = learning("good", "poor")

    def drawn(name: str) -> float:
        asked = Asked("web.home", nobody=name)
        return ask(two, Profile(id="", label=""), asked, NOW, learned=Thompson()).ranked[0].factors.propensity

    assert drawn("request 1") == drawn("request 1")
    assert drawn("request 1") != drawn("request 2")


def test_what_was_learned_is_told_with_the_score() -> None:
    one = learning("kit")
    factors = answered(one, Thompson(snapshot(kit=(90.0, 30.0)))).ranked[0].factors
    belief = factors.belief

    assert (belief.wins, belief.losses, belief.mean, belief.drawn) == (31.0, 69.0, 0.31, True)
    assert factors.propensity == belief.propensity
    assert factors.why == (
        f"propensity {belief.propensity:.3g}: drawn around 0.31, 30 of 90 showings at web.home accepted, "
        "begun at 0.1 (as written), snapshot 7",
    )
    (mean,) = answered(one, Thompson(snapshot(kit=(90.0, 30.0)), draws=False)).ranked
    assert mean.factors.propensity == 0.31
    assert answered(one, Thompson(snapshot())).snapshot == 7


def test_customers_of_a_segment_are_counted_apart() -> None:
    one = learning("kit", segments=("vip", "gold"))
    cells = {"kit|web.home|gold": Count(100, 50), "kit|web.home|": Count(100, 0)}
    learned = Thompson(Snapshot(1, NOW, cells=cells))
    gold = Profile(id="g", label="g", segments={"gold": 1, "other": 1})

    found = ask(one, gold, Asked("web.home"), NOW, learned=learned)
    assert found.segment == "gold"
    assert found.ranked[0].factors.belief.mean > 0.4
    assert "50 of 100 showings at web.home to gold accepted" in found.ranked[0].factors.why[0]
    assert answered(one, learned).ranked[0].factors.belief.mean < 0.1


def test_what_does_not_learn_stays_as_it_is_written() -> None:
    fixed = learning("kit")
    fixed = replace(fixed, actions={"kit": replace(fixed.actions["kit"], propensity=Propensity(0.1))})
    factors = answered(fixed, Thompson(snapshot(kit=(90.0, 30.0)))).ranked[0].factors

    assert (factors.propensity, factors.belief.wins, factors.belief.mean) == (0.1, 0.0, 0.1)


def test_the_rules_have_a_version_of_their_own() -> None:
    assert len(plan().rules_version) == 12


def test_a_lot_shows_each_of_those_that_learn_to_a_few_whatever_they_are_worth() -> None:
    two = learning("good", "poor", explore=0.2)
    learned = Thompson(snapshot(good=(9_000.0, 4_500.0), poor=(9_000.0, 9.0)))
    found = [answered(two, learned, f"c{number}").ranked[0] for number in range(1_000)]
    lots = [each for each in found if each.lot]

    assert 160 < len(lots) < 240
    names = [each.action.name for each in lots]
    assert 60 < names.count("poor") < 140
    assert all(each.action.name == "good" for each in found if not each.lot)
    assert lots[0].factors.why[-1] == "first by lot: on 0.2 of the days one of those that learn (2 here) is"
    assert not answered(two, Thompson(draws=False), "c1").ranked[0].lot


def test_a_lot_is_the_same_on_every_placement_and_goes_behind_what_stays_the_answer() -> None:
    two = learning("good", "poor", explore=1.0)
    learned = Thompson(snapshot(good=(9_000.0, 4_500.0), poor=(9_000.0, 9.0)))
    both = {where: answered(two, learned, "c5", where).ranked[0].action.name for where in ("web.home", "app.home")}
    assert len(set(both.values())) == 1

    other = "good" if both["web.home"] == "poor" else "poor"
    profile = Profile(id="c5", label="c5", offers={other: Offer(NOW - 1, NOW + 1, {"shown": NOW - 1})})
    app = ask(two, profile, Asked("app.home"), NOW, learned=learned).ranked
    assert [(each.action.name, each.kept, each.lot) for each in app] == [
        (other, True, False),
        (both["web.home"], False, False),
    ]


def ramped(first: int | None, customers: int, now: int = NOW) -> list[str]:
    """Who of c0, c1, ... may see an action that ramps up, ten in a hundred at first and all after ten days."""
    one = learning("kit")
    kit = replace(one.actions["kit"], ramp=Ramp(0.1, 10 * DAY, "10% over 10d"))
    seen = {"kit": first} if first is not None else {}
    learned = Thompson(Snapshot(1, NOW, first=seen))
    asked = {f"c{n}": answered(replace(one, actions={"kit": kit}), learned, f"c{n}", now=now) for n in range(customers)}
    return [name for name, found in asked.items() if found.ranked and not found.fallback]


def test_a_new_action_is_shown_to_a_share_that_grows_and_never_taken_from_anybody() -> None:
    today = NOW // DAY
    before, five, ten = ramped(None, 400), ramped(today - 5, 400), ramped(today - 10, 400)

    assert 20 < len(before) < 60
    assert set(before) < set(five)
    assert 180 < len(five) < 280
    assert len(ten) == 400


def test_who_does_not_see_it_yet_is_told_why() -> None:
    one = learning("kit")
    one = replace(one, actions={"kit": replace(one.actions["kit"], ramp=Ramp(0.0, 10 * DAY, "0% over 10d"))})
    (out,) = answered(one, Thompson(Snapshot(1, NOW, first={"kit": NOW // DAY - 1}))).removed

    assert (out.stage, out.rule) == ("ramp", "")
    assert out.observed.startswith("new (0% over 10d, since 2026-03-01T00:00:00Z): 0.158 of the customers may see it")
    suggested = Profile(id="c1", label="c1", suggestions=[Suggestion("kit", ["web.home"], NOW + 1, "e", "help", "s")])
    assert ask(one, suggested, Asked("web.home"), NOW, learned=Thompson()).ranked[0].action.name == "kit"
    assert answered(one, Thompson(draws=False)).ranked[0].action.name == "kit"
