"""`learning:` of the policies: what may be written, and what is said about the rest."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.define.folder import read_folder
from engine.define.workspace import Compiled, compile_sources
from engine.model.policy import Learning
from engine.model.span import DAY

HOME = Path(__file__).resolve().parents[2] / "cases/next_best"


@cache
def sources() -> dict[str, str]:
    return read_folder(HOME)


def compiled(learning: str) -> Compiled:
    policies = sources()["journeys/policies.yaml"].rstrip() + f"\n  learning: {learning}\n"
    segments = "segments:\n  gold: customer.tier is gold\n  busy: customer.open_cases > 0\n"
    return compile_sources({**sources(), "journeys/policies.yaml": policies, "journeys/segments.yaml": segments})


def test_what_is_written_counts_and_what_is_not_has_a_default() -> None:
    found = compiled("{half_life: 14d, prior: 5, segments: [busy, gold]}").sound().plan.policies.learning

    assert found == Learning(half_life=14 * DAY, prior=5.0, borrow=20.0, segments=("busy", "gold"))
    assert compiled("{}").sound().plan.policies.learning == Learning()


def test_a_ramp_is_that_of_the_policies_for_what_learns_and_has_none_of_its_own() -> None:
    actions = sources()["journeys/actions.yaml"]
    actions = actions.replace("value: 1}", "value: 1, propensity: {learn: true}}")
    actions = actions.replace("value: 3}", "value: 3, ramp: 5% over 2w}")
    actions = actions.replace("value: 4}", "value: 4, propensity: {learn: true}, ramp: none}")
    policies = sources()["journeys/policies.yaml"].rstrip() + "\n  learning: {ramp: 20% over 3d}\n"
    changed = {"journeys/actions.yaml": actions, "journeys/policies.yaml": policies}
    found = compile_sources({**sources(), **changed}).sound().plan.actions

    ramps = {name: (each.ramp.share, each.ramp.over) for name, each in found.items() if each.ramp is not None}
    assert ramps.pop("call_back") == (0.05, 14 * DAY)
    assert ramps == dict.fromkeys(("new_arrivals", "care_tip", "fit_tip"), (0.2, 3 * DAY))


def test_what_cannot_be_is_said_with_its_place() -> None:
    def said(learning: str) -> list[str]:
        return [str(each).partition(": ")[2] for each in compiled(learning).problems]

    assert said("{segments: [golt]}") == ["no segment 'golt'. Did you mean 'gold'?"]
    assert said("{half_life: 6h}") == ["'6h' is too short: counts fade day by day. Write '1d' or more."]
    assert said("{features: [tir]}") == ["no attribute 'tir'. Did you mean 'tier'?"]
    assert said("{ramp: 10% in 7d}") == ["'10% in 7d' is no ramp. Write '10% over 7d', or 'none'."]
    assert said("{explore: lots}") == ["'lots' is no share. Write a percentage from 0% to 100%: 1%."]
    assert said("{half_life: soon}")[0].startswith("'soon' is not a length of time")
    assert said("{prior: 0}")[0].startswith("'0' is too small")
