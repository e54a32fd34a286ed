"""The standing control group: who is in it, what it sees, and that chance is fair and the same everywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from engine.journey.ask import ask
from engine.model.action import Answer, Asked
from engine.model.plan import Plan
from engine.model.policy import Control, Gets
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.policy.control import arm_of
from tests.unit.decide.test_answer import NOW, plan


def grouped(share: float, gets: Gets) -> Plan:
    return replace(plan(), policies=replace(plan().policies, control=Control(share, gets)))


def told(gets: Gets, placement: str, who: str = "c1", now: int = NOW, **known: object) -> Answer:
    profile = Profile(id=who, label=who, attributes={"tier": "gold", **known})
    return ask(grouped(1.0, gets), profile, Asked(placement), now)


def names(found: Answer) -> list[str]:
    return [each.action.name for each in found.ranked]


def test_a_greater_share_only_adds_customers_and_the_share_is_kept() -> None:
    people = [f"c{number}" for number in range(4_000)]
    small = {each for each in people if arm_of(each, Control(0.05)) != "treated"}
    large = {each for each in people if arm_of(each, Control(0.2)) != "treated"}

    assert small < large
    assert len(small) / len(people) == pytest.approx(0.05, abs=0.015)
    assert arm_of("c1", None) == ""


def test_without_a_group_nobody_has_an_arm() -> None:
    alone = replace(plan(), policies=replace(plan().policies, control=None))

    assert ask(alone, Profile(id="c", label="c"), Asked("web.home"), NOW).arm == ""
    assert ask(grouped(0.0, "nothing"), Profile(id="c", label="c"), Asked("web.home"), NOW).arm == "treated"


def test_who_gets_nothing_gets_no_fallback_either_but_service() -> None:
    found = told("nothing", "web.home")
    out = {each.action: each for each in found.removed}

    assert (names(found), found.arm, found.fallback) == ([], "nothing", False)
    assert (out["early_access"].stage, out["early_access"].rule) == ("contact_policy", "control")
    assert out["new_arrivals"].observed == "in the control group, which gets nothing"
    assert names(told("nothing", "web.home", open_cases=1)) == ["call_back"]


def test_who_gets_the_fallback_gets_that() -> None:
    found = told("fallback", "web.home")

    assert (names(found), found.fallback, found.arm) == (["new_arrivals"], True, "fallback")
    assert "new_arrivals" not in {each.action for each in found.removed}
    assert {each.action for each in found.removed} | set(names(found)) == set(plan().actions)


def test_chance_puts_each_first_equally_often_and_says_so() -> None:
    first = Counter(names(told("random", "app.home", f"c{number}"))[0] for number in range(600))

    assert set(first) == {"early_access", "spring_sale", "new_arrivals"}
    assert all(abs(times - 200) < 4 * (600 * (1 / 3) * (2 / 3)) ** 0.5 for times in first.values())
    assert all("chance" in each.factors.why[-1] for each in told("random", "app.home").ranked)


def test_chance_is_the_same_at_every_placement_for_a_day() -> None:
    days = set()
    for day in range(8):
        home, web = (told("random", place, now=NOW + day * DAY) for place in ("app.home", "web.home"))
        both = [each for each in names(home) if each != "spring_sale"]
        assert names(web) == both[:1]
        days.add(tuple(names(home)))

    assert len(days) > 1


def test_chance_leaves_service_where_its_score_puts_it() -> None:
    seen = [names(told("random", "call_centre", f"c{number}", open_cases=1)) for number in range(20)]

    assert {tuple(each) for each in seen} == {("call_back",)}  # marketing is suppressed; service is chosen
