"""`wait`: let time pass."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.journey.steps.step import STAY, Compiler, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.policy.wallclock import add, customer_zone


class WaitShape(StepShape):
    """`- wait: 2d`"""

    wait: str = Field(description="How long: 30s, 90m, 2h, 3d, 1w, 1mo. Days and longer keep the time of day.")


class Wait(Verb):
    """Stand still for a while. `s m h` are elapsed time; `d w mo y` keep the customer's wall time.

    Example:
        - wait: 2d
    """

    name = "wait"
    Shape = WaitShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return compiler.span("wait", shape.wait)

    def take_over(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        # the time that was waited already counts
        run.due = add(run.since, step.spec, customer_zone(walk.profile, walk.plan.policies))
        return STAY

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        run.due = add(walk.now, step.spec, customer_zone(walk.profile, walk.plan.policies))
        return STAY
