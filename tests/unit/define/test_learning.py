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


def test_what_cannot_be_is_said_with_its_place() -> None:
    def said(learning: str) -> list[str]:
        return [str(each).partition(": ")[2] for each in compiled(learning).problems]

    assert said("{segments: [golt]}") == ["no segment 'golt'. Did you mean 'gold'?"]
    assert said("{half_life: 6h}") == ["'6h' is too short: counts fade day by day. Write '1d' or more."]
    assert said("{half_life: soon}")[0].startswith("'soon' is not a length of time")
    assert said("{prior: 0}")[0].startswith("'0' is too small")
