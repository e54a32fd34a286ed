"""A changed workspace on logged decisions: what it would have put first, for the customers as they were then."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.decide.thompson import Thompson
from engine.define.folder import read_folder
from engine.define.workspace import Compiled, compile_sources
from engine.journey.ask import ask
from engine.model.action import Asked
from engine.model.decision import LeftOut
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.model.span import HOUR
from engine.report.decisions.draft import draft_policy
from engine.report.decisions.estimate import worth
from engine.report.decisions.firsts import firsts
from engine.report.decisions.logged import Logged, Outcome, joined
from engine.runtime.asking.account import record
from engine.runtime.decisions import decision_of
from engine.testing.simulator import Simulator

HOME = Path(__file__).resolve().parents[2] / "cases/next_best"
NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC
PEOPLE = 24
LEARNS = {
    "    value: 5\n": "    value: 5\n    propensity: {learn: true, start: 0.2}\n",
    "web.home, app.home], value: 1}": "web.home, app.home], value: 5, propensity: {learn: true, start: 0.3}}",
}


@cache
def workspace(*changes: tuple[str, str, str]) -> Compiled:
    # without the journeys that say something to who becomes gold: it would stay the answer
    sources = {name: text for name, text in read_folder(HOME).items() if "event: tier_changed" not in text}
    actions = sources["journeys/actions.yaml"]
    for before, after in LEARNS.items():
        assert before in actions
        actions = actions.replace(before, after)
    sources["journeys/actions.yaml"] = actions
    for file, before, after in changes:
        assert before in sources[file]
        sources[file] = sources[file].replace(before, after)
    return compile_sources(sources).sound()


def happened() -> list[Event]:
    """Half of the customers become gold; each of them an hour after the one before."""
    return [
        Event(
            id=f"e{number}",
            name="tier_changed",
            profile={"customer_id": f"c{number}"},
            at=NOW + number * HOUR,
            received=NOW + number * HOUR,
            properties={"tier": "gold" if number % 2 else "silver"},
        )
        for number in range(PEOPLE)
    ]


@cache
def logged() -> tuple[Logged, ...]:
    """Each customer asks a minute after that; whoever is shown early access accepts."""
    deployed = workspace()
    simulator = Simulator(deployed.plan, deployed.renderer.render, lambda record: None)
    decisions, outcomes = [], []
    for number, event in enumerate(happened()):
        simulator.feed(event)
        who, at = profile_id("customer_id", f"c{number}"), event.received + 60_000
        asked = Asked("web.home", {"intent": "browse"})
        answer = ask(deployed.plan, simulator.profiles[who], asked, at, learned=Thompson())
        found = record(
            deployed.plan.placements["web.home"],
            answer,
            frozenset(),
            name=f"d{number}",
            request="",
            profile=who,
            at=at,
            plan="p",
            context=asked.context,
            figures={},
        )
        decision = decision_of(found)
        decisions.append(decision)
        if decision.shown == ["early_access"]:
            outcomes.append(Outcome(who, "early_access", "accepted", at + 1, decision.id))
    return tuple(joined(decisions, outcomes))


def test_the_deployed_workspace_itself_is_worth_what_was_accepted() -> None:
    choices, chosen = firsts(list(logged()))
    target = draft_policy(workspace(), choices, chosen, happened())
    found = worth(choices, target)

    assert len(choices) == PEOPLE
    assert list(target.shown) == pytest.approx(list(choices.propensity))
    assert 0 < found.logged.value == pytest.approx(found.ips.value)
    assert found.unsupported == 0
    # only who is gold has a choice of two, and by the logged probabilities each was shown to some of them
    assert {len(each) for each in choices.logged} == {1, 2}
    assert len({chosen[row].decision.shown[0] for row in range(1, PEOPLE, 2)}) == 2


def test_a_draft_with_other_values_is_weighed_by_what_was_logged() -> None:
    choices, chosen = firsts(list(logged()))
    draft = workspace(("journeys/actions.yaml", "value: 5\n", "value: 50\n"))
    found = worth(choices, draft_policy(draft, choices, chosen, happened()))

    assert found.ips.value > found.logged.value  # early access more often, which everybody accepts
    assert found.unsupported == 0


def test_what_had_no_words_when_it_was_logged_has_none_in_a_draft() -> None:
    wordless = [
        Logged(
            replace(
                each.decision,
                shown=[name for name in each.decision.shown if name != "early_access"] or ["new_arrivals"],
                candidates=[one for one in each.decision.candidates if one.action != "early_access"],
                removed=[*each.decision.removed, LeftOut("early_access", "rendering", "render_failed")],
            ),
            each.outcomes,
        )
        for each in logged()
    ]
    choices, chosen = firsts(wordless)
    target = draft_policy(workspace(), choices, chosen, happened())

    shown = {choices.actions.all[number] for each in target.chances for number in each}
    assert "early_access" not in shown
    assert worth(choices, target).unsupported == 0


def test_a_ramp_that_kept_an_action_from_a_customer_does_so_in_a_draft() -> None:
    ramp = ("journeys/actions.yaml", "    value: 5\n", "    value: 5\n    ramp: 10% over 7d\n")
    kept_from = [
        Logged(
            replace(
                each.decision,
                shown=["new_arrivals"],
                candidates=[one for one in each.decision.candidates if one.action != "early_access"],
                removed=[*each.decision.removed, LeftOut("early_access", "ramp")],
            ),
            each.outcomes,
        )
        for each in logged()
    ]
    choices, chosen = firsts(kept_from)
    target = draft_policy(workspace(ramp), choices, chosen, happened())

    assert worth(choices, target).unsupported == 0
    assert {choices.actions.all[number] for each in target.chances for number in each} == {"new_arrivals"}
    # who was let in when it was logged still is
    choices, chosen = firsts(list(logged()))
    assert list(draft_policy(workspace(ramp), choices, chosen, happened()).shown) == pytest.approx(
        list(choices.propensity)
    )


def test_of_an_action_that_begins_with_the_draft_its_ramp_lets_a_share_of_the_customers_see_it() -> None:
    choices, chosen = firsts(list(logged()))
    begins = "    value: 5\n    from: 2026-03-02\n    ramp: 10% over 30d\n"
    target = draft_policy(workspace(("journeys/actions.yaml", "    value: 5\n", begins)), choices, chosen, happened())

    early = choices.actions.number("early_access")
    assert sum(early in each for each in target.chances) <= PEOPLE / 4  # half of them without it


def test_what_the_draft_shows_and_nobody_could_have_seen_is_said() -> None:
    choices, chosen = firsts(list(logged()))
    draft = workspace(
        ("journeys/actions.yaml", "applicable: [basket.total >= 100]", "mandatory: true"),
        ("journeys/actions.yaml", "placements: [web.basket]", "placements: [web.home, web.basket]"),
    )
    found = worth(choices, draft_policy(draft, choices, chosen, happened()))

    assert (found.unsupported, found.ips.value) == (1.0, 0.0)
