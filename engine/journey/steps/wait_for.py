"""`wait_for`: let an event happen, or give up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from engine.journey.receipts import ANY, concerns
from engine.journey.steps.step import STAY, Compiler, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.condition import Condition
from engine.model.event import ABOUT_A_MESSAGE, Event
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.span import Span
from engine.policy.wallclock import add, customer_zone


class WaitForShape(StepShape):
    """`- wait_for: order_placed`, with `up_to`"""

    wait_for: str = Field(description="The event to wait for.")
    up_to: str = Field(description="Give up after this long: 24h, 3d.")
    where: str | None = Field(default=None, description="Which event exactly; bare names are its properties.")
    since: Literal["step", "start"] = Field(
        "step", description="Count events from this step on (default) or from the start of the journey."
    )
    message: str | None = Field(
        default=None,
        description="With delivered, opened, clicked, bounced or prompt_answered: of which message of this journey; "
        "or any. Default: the last one it sent.",
    )
    then: list[Any] | None = Field(default=None, description="Steps when the event came.")
    on_timeout: list[Any] | None = Field(default=None, description="Steps when it did not.")


@dataclass(frozen=True, slots=True)
class Awaited:
    """Compiled `wait_for`; `then` and `timeout` are step ids; `message` of which one a receipt is ('' = the last)."""

    event: str
    where: Condition | None
    up_to: Span
    since_start: bool
    then: str
    timeout: str
    message: str = ""


class WaitFor(Verb):
    """Stand still until an event happens or `up_to` has passed.

    Example:
        - wait_for: basket_viewed
          where: basket_id is start.basket_id
          up_to: 24h
          then: [{send: thanks, via: push}]
          on_timeout: [{send: reminder, via: [push, email]}]
    """

    name = "wait_for"
    Shape = WaitForShape
    blocks = ("then", "on_timeout")

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        event = compiler.event("wait_for", shape.wait_for)
        if shape.message is not None and event not in ABOUT_A_MESSAGE:
            compiler.problem("message", f"'{event}' is not about a message.", "Say which one is meant with 'where:'.")
        elif shape.message not in (None, ANY):
            compiler.message("message", shape.message, ())
        return Awaited(
            event=event,
            where=compiler.where("where", shape.where, event) if shape.where else None,
            up_to=compiler.span("up_to", shape.up_to),
            since_start=shape.since == "start",
            then=compiler.block("then", shape.then, after),
            timeout=compiler.block("on_timeout", shape.on_timeout, after),
            message=shape.message or "",
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Awaited = step.spec
        if spec.since_start and _came(spec, walk, run, run.start_at):
            return Go(spec.then)
        run.due = add(walk.now, spec.up_to, customer_zone(walk.profile, walk.plan.policies))
        return STAY

    def take_over(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        # the time that was waited already counts, and so does what happened in it
        spec: Awaited = step.spec
        if _came(spec, walk, run, run.start_at if spec.since_start else run.since):
            return Go(spec.then)
        run.due = add(run.since, spec.up_to, customer_zone(walk.profile, walk.plan.policies))
        return STAY

    def on_event(self, step: Step, walk: Walk, run: Enrolment, event: Event) -> Next | None:
        spec: Awaited = step.spec
        floor = run.start_at if spec.since_start else run.since
        if event.name != spec.event or event.at < floor or (run.due is not None and event.at > run.due):
            return None
        view = event.view()
        if not _fits(spec, walk, run, view):
            return None
        run.event = view
        return Go(spec.then)

    def on_timer(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        return Go(step.spec.timeout)


def _came(spec: Awaited, walk: Walk, run: Enrolment, floor: int) -> bool:
    """Whether what is waited for has happened since `floor`; then it is `run.event`."""
    for past in walk.profile.history.get(spec.event, ()):
        started_it = past.at == run.start_at and past.data == run.start
        if past.late or started_it or not floor <= past.at <= walk.now:
            continue
        if _fits(spec, walk, run, past.data):
            run.event = past.data
            return True
    return False


def _fits(spec: Awaited, walk: Walk, run: Enrolment, view: dict[str, Any]) -> bool:
    if spec.event in ABOUT_A_MESSAGE and not concerns(walk, run, view, spec.message):
        return False
    return spec.where is None or spec.where.holds(walk.scope(run.start, view, run.key))
