"""The next best action: every action there is has its place in the answer, or the reason why it has none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.sample import beta
from engine.define.folder import compile_folder
from engine.journey.ask import ask
from engine.model.action import Asked
from engine.model.event import Event
from engine.model.flags import EVERYTHING, Flags
from engine.model.plan import Plan
from engine.model.profile import Consent, Profile
from engine.model.vocabulary import Type
from engine.runtime.asking.account import declared
from engine.testing.stories.suite import run_stories

HOME = Path(__file__).resolve().parents[2] / "cases/next_best"
NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC


@cache
def plan() -> Plan:
    return compile_folder(HOME).sound().plan


def ana(**known: object) -> Profile:
    return Profile(id="c1", label="customer_id:ana", attributes=dict(known))


@pytest.mark.slow
def test_the_stories_of_the_workspace_hold() -> None:
    suite = run_stories((HOME,))

    assert [each for each in suite.played if not each.passed] == []
    assert len(suite.played) > 12


@given(
    st.fixed_dictionaries(
        {}, optional={"tier": st.sampled_from(["gold", "silver", 3]), "open_cases": st.integers(0, 2)}
    ),
    st.sampled_from(["web.home", "app.home", "store.till", "web.basket", "call_centre"]),
    st.dictionaries(st.sampled_from(["intent", "basket_id"]), st.sampled_from(["browse", "search", 1, None, []])),
    st.none() | st.integers(0, 5),
)
def test_every_action_is_shown_or_accounted_for(
    known: dict[str, object], placement: str, context: dict[str, object], limit: int | None
) -> None:
    found = ask(plan(), ana(**known), Asked(placement, context, limit), NOW)

    shown = [each.action.name for each in found.ranked]
    out = [each.action for each in found.removed]
    assert sorted(shown + out) == sorted(plan().actions)
    assert all(each.observed for each in found.removed)
    assert len(shown) <= plan().placements[placement].show
    if limit == 0:
        assert shown == []


def test_what_is_left_out_says_stage_line_and_what_was_seen() -> None:
    found = ask(plan(), ana(open_cases=2, tier="gold"), Asked("web.home"), NOW)
    out = {each.action: each for each in found.removed}

    assert [each.action.name for each in found.ranked] == ["call_back"]
    early, kit = out["early_access"], out["boot_care_kit"]
    assert (early.stage, early.rule, early.observed) == ("contact_policy", "suppressed", "customer.open_cases > 0")
    assert early.place.startswith("journeys/policies.yaml:4")
    assert kit.stage == "eligibility"
    assert kit.observed == "order_placed where category is boots did not happen in last 60d (needs at least 1)"
    assert kit.place == "journeys/actions.yaml:5"
    assert out["big_basket"].observed == "it is shown at web.basket"


def test_a_score_says_what_it_is_made_of() -> None:
    (best,) = ask(plan(), ana(tier="gold"), Asked("store.till", {"intent": "browse"}), NOW).ranked

    assert best.action.name == "early_access"
    assert best.factors.score == pytest.approx(0.4 * 5 * 1.5)
    assert best.factors.why == (
        "propensity 0.4: the mean of marketing actions",
        "boost x 1.5: rule vip_early_access (journeys/rules.yaml:2)",
    )


def test_who_refused_a_purpose_at_a_place_is_left_alone_there_and_only_there() -> None:
    profile = ana(tier="gold")
    profile.consent["store/marketing"] = Consent("denied", NOW - 1)

    assert ask(plan(), profile, Asked("store.till"), NOW).ranked == ()
    (out,) = [each for each in ask(plan(), profile, Asked("store.till"), NOW).removed if each.action == "early_access"]
    assert (out.rule, out.observed) == ("consent", "store for marketing was denied 2026-03-02T13:59:59.999Z")
    assert ask(plan(), profile, Asked("web.home"), NOW).ranked[0].action.name == "early_access"


def test_nothing_is_shown_while_everything_stands_still() -> None:
    for flags, rule in (
        (Flags(paused=frozenset({EVERYTHING})), "paused"),
        (Flags(killed=frozenset({EVERYTHING})), "killed"),
    ):
        found = ask(plan(), ana(), Asked("web.home"), NOW, flags)
        assert found.ranked == ()
        assert {each.rule for each in found.removed if each.action == "new_arrivals"} == {rule}


def test_whom_no_marketing_reaches_sees_none_either() -> None:
    held = replace(plan(), policies=replace(plan().policies, global_holdout=1.0))
    profile = ana(open_cases=1)

    assert [each.action.name for each in ask(held, profile, Asked("web.home"), NOW).ranked] == ["call_back"]
    out = {each.action: each.rule for each in ask(held, profile, Asked("web.home"), NOW).removed}
    assert out["new_arrivals"] == "global_holdout"
    assert profile.arms == {}  # whoever asks changes nothing


def test_a_placement_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        ask(plan(), ana(), Asked("web.nowhere"), NOW)


def test_a_draw_is_always_the_same_and_has_the_mean_and_spread_of_its_distribution() -> None:
    draws = [beta(f"c{number}|2026-03-02|kit", 3.0, 7.0) for number in range(4_000)]

    assert draws == [beta(f"c{number}|2026-03-02|kit", 3.0, 7.0) for number in range(4_000)]
    mean = sum(draws) / len(draws)
    variance = sum((each - mean) ** 2 for each in draws) / len(draws)
    assert mean == pytest.approx(0.3, abs=0.01)
    assert variance == pytest.approx(3 * 7 / (10 * 10 * 11), rel=0.08)
    assert all(0 < each < 1 for each in draws)
    low = [beta(f"c{number}|x", 0.2, 0.3) for number in range(4_000)]
    assert sum(low) / len(low) == pytest.approx(0.4, abs=0.03)
    with pytest.raises(ValueError, match="above 0"):
        beta("x", 0.0, 1.0)


def test_what_was_made_of_an_action_is_remembered_by_its_own_time() -> None:
    from engine.journey.core import handle_event

    def outcome(name: str, at: int, id_: str) -> Event:
        properties = {"action": "boot_care_kit", "outcome": name, "placement": "store.till"}
        return Event(
            id=id_, name="action_outcome", profile={"customer_id": "ana"}, at=at, received=NOW, properties=properties
        )

    profile = handle_event(plan(), ana(), outcome("declined", NOW - 1_000, "e1"), NOW).profile
    walk = handle_event(plan(), profile, outcome("declined", NOW - 5_000, "e2"), NOW)

    assert walk.profile.offers["boot_care_kit"].said == {"declined": NOW - 1_000}
    assert walk.records == []  # it was known already
    walk = handle_event(plan(), walk.profile, outcome("shown", NOW, "e3"), NOW)
    assert [(each.kind, each.reason) for each in walk.records] == [("shown", "shown: boot_care_kit (e3)")]
    assert [(each.id, each.channel, each.committed) for each in walk.profile.ledger] == [
        (f"shown|boot_care_kit|{NOW}", "store", True)
    ]


@given(
    st.fixed_dictionaries({}, optional={"tier": st.sampled_from(["gold", "silver"]), "open_cases": st.integers(0, 2)}),
    st.sampled_from(["web.home", "app.home", "store.till", "web.basket", "call_centre"]),
    st.sampled_from([{}, {"intent": "browse"}, {"intent": "search"}]),
)
def test_a_brief_answer_is_the_same_answer(known: dict[str, object], placement: str, context: dict[str, str]) -> None:
    profile = ana(**known)
    full = ask(plan(), profile, Asked(placement, context), NOW)
    brief = ask(plan(), profile, Asked(placement, context, brief=True), NOW)

    assert (brief.ranked, brief.fallback) == (full.ranked, full.fallback)
    assert [each.action.name for each in brief.behind] == [each.action.name for each in full.behind]
    left = [(each.action, each.stage, each.rule) for each in brief.removed]
    assert left == [
        (each.action, each.stage, each.rule) for each in full.removed if each.stage not in ("placement", "arbitration")
    ]


def test_of_what_a_channel_app_says_only_what_a_placement_declares_is_kept() -> None:
    said = {"intent": "browse", "email": "ana@example.com", "basket_id": "b1"}
    home = replace(plan().placements["web.home"], context={"intent": Type("text")})
    declares = replace(plan(), placements={**plan().placements, "web.home": home})

    assert declared(plan(), said) == said  # nobody declares anything
    assert declared(declares, said) == {"intent": "browse", "basket_id": "b1"}


def test_of_visitors_whom_nobody_knows_a_share_is_held_out_and_not_all_or_none() -> None:
    held = replace(plan(), policies=replace(plan().policies, global_holdout=0.3))
    somebody = Profile(id="", label="")

    def out(number: int) -> bool:
        found = ask(held, somebody, Asked("web.home", nobody=f"question {number}"), NOW)
        return any(each.rule == "global_holdout" for each in found.removed)

    share = sum(out(number) for number in range(100)) / 100
    assert 0.15 < share < 0.45
    assert out(7) == out(7)


def test_a_count_that_never_began_is_none_at_all() -> None:
    found = ask(plan(), ana(), Asked("call_centre"), NOW)

    (out,) = [each for each in found.removed if each.action == "call_back"]
    assert out.observed == "customer.open_cases is 0 (needs > 0)"
