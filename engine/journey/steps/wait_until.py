"""`wait_until`: let a moment come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from engine.journey.steps.step import STAY, Compiler, Exit, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.moment import Moment
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason
from engine.model.span import Span
from engine.policy.bucket import share
from engine.policy.moments import next_time, this_time
from engine.policy.wallclock import add, customer_zone, iso

IfPast = Literal["next", "now", "stop", "skip"]


class WaitUntilShape(StepShape):
    """`- wait_until: Saturday 10:00`"""

    wait_until: str = Field(
        description="A weekday and time, a time, a date, or an attribute: 'start.departure - 1d at 18:00'."
    )
    if_past: IfPast | None = Field(
        default=None,
        description="When it has passed: next (default for weekday and time), now, stop, or skip (default for a date).",
    )
    spread: str | None = Field(default=None, description="Scatter customers over this long after the moment: 30m.")
    zone: Literal["customer", "workspace"] = Field(default="customer", description="Whose clock is meant.")
    then: list[Any] | None = Field(default=None, description="Steps when the moment has come; skipped by 'skip'.")


@dataclass(frozen=True, slots=True)
class Until:
    """Compiled `wait_until`; `then` is a step id."""

    moment: Moment
    if_past: str
    spread: Span | None
    local: bool
    then: str


class WaitUntil(Verb):
    """Stand still until a moment on the customer's clock (or the workspace's, with `zone: workspace`).

    Example:
        - wait_until: Saturday 10:00
          spread: 30m
    """

    name = "wait_until"
    Shape = WaitUntilShape
    blocks = ("then",)

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        moment = compiler.moment("wait_until", shape.wait_until)
        if shape.if_past == "next" and not moment.recurs:
            compiler.problem("if_past", f"'{moment.text}' comes only once.", "Write now, stop or skip.")
        return Until(
            moment=moment,
            if_past=shape.if_past or ("next" if moment.recurs else "skip"),
            spread=compiler.span("spread", shape.spread) if shape.spread else None,
            local=shape.zone == "customer",
            then=compiler.block("then", shape.then, after),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Until = step.spec
        policies = walk.plan.policies
        zone = customer_zone(walk.profile, policies) if spec.local else policies.timezone
        value = walk.read(run, spec.moment.path) if spec.moment.path is not None else None
        instant = this_time(spec.moment, walk.now, zone, value)
        if instant is None or instant < walk.now:
            if spec.if_past == "now":
                return Go(spec.then)
            if spec.if_past == "skip":
                return Go(step.next)
            if spec.if_past == "stop":
                seen = "is not known" if instant is None else f"was {iso(instant)}"
                return Exit(Reason("past", f"{spec.moment.text} {seen}", str(step.place)))
            instant = next_time(spec.moment, walk.now, zone)
        if spec.spread is not None:
            length = add(instant, spec.spread, zone) - instant
            instant += int(length * share(f"spread:{run.journey}:{step.id}", walk.profile.id))
        run.due = instant
        return STAY

    def on_timer(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        return Go(step.spec.then)
