"""`split`: send shares of the customers different ways, each customer always the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Assigned, Enrolment
from engine.policy.bucket import share


class SplitShape(StepShape):
    """`- split: saver_test`, with `arms`"""

    split: str = Field(description="The split's name: the assignment is kept under it.")
    arms: dict[str, Any] = Field(description="name: {share: 50%, then: [steps]}")


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its name, its share in [0, 1] and its first step."""

    name: str
    share: float
    then: str


class Split(Verb):
    """Divide customers by chance. The assignment is kept at first exposure and never changes;
    a change of shares concerns newcomers.

    Example:
        - split: saver_test
          arms:
            delivery: {share: 50%, then: [{send: free_delivery, via: email}]}
            voucher: {share: 50%, then: [{send: voucher, via: email}]}
    """

    name = "split"
    tells = True
    Shape = SplitShape
    blocks = ("arms",)

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return compiler.arms("arms", shape.arms, after)

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        arms: tuple[Arm, ...] = step.spec
        key = f"{run.journey}/{step.id}"
        assigned = walk.profile.arms.get(key)
        if assigned is None:
            arm = _choose(arms, share(f"split:{key}", walk.profile.id))
            assigned = walk.profile.arms[key] = Assigned(arm.name if arm is not None else "", walk.now)
        walk.record("split", run=run, place=step.place, extra={"arm": assigned.arm})
        then = next((arm.then for arm in arms if arm.name == assigned.arm), step.next)
        return Go(then)


def _choose(arms: tuple[Arm, ...], at: float) -> Arm | None:
    """The arm whose stretch of [0, 1) holds `at`; None beyond the last (shares below 100 %)."""
    for arm in arms:
        if at < arm.share:
            return arm
        at -= arm.share
    return None
