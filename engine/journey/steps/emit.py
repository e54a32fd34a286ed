"""`emit`: let an event happen, as if a channel had sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Exit, Go, Next, StepShape, Verb
from engine.journey.values import Value, evaluated
from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason

DEEPEST = 20


class EmitShape(StepShape):
    """`- emit: case_opened`, with `properties`"""

    emit: str = Field(description="The event.")
    properties: dict[str, Any] = Field(default_factory=dict, description="Its properties: values, or start.basket_id.")


@dataclass(frozen=True, slots=True)
class Emitted:
    """Compiled `emit`."""

    event: str
    properties: dict[str, Value]


class Emit(Verb):
    """Emit an event of this customer. It is processed right after this step, like any other; journeys may
    start by it. More than 20 events that emit one another end as `runaway`.

    Example:
        - emit: case_opened
          properties: {case_id: start.order_id, subject: bad mark}
    """

    name = "emit"
    Shape = EmitShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        event = compiler.event("emit", shape.emit)
        return Emitted(event, compiler.properties("properties", event, shape.properties))

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Emitted = step.spec
        if walk.depth >= DEEPEST:
            return Exit(Reason("runaway", f"{DEEPEST} events have emitted one another", str(step.place)))
        event = Event(
            id=f"{run.id}/{step.id}/{run.visits.get(step.id, 1)}",
            name=spec.event,
            profile={},
            at=walk.now,
            received=walk.now,
            channel="",
            properties=evaluated(walk, run, spec.properties),
            depth=walk.depth + 1,
        )
        walk.emitted.append(event)
        return Go(step.next)
