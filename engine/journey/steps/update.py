"""`update`: change what is known of the customer."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.journey.apply import set_attribute
from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.values import Value, evaluated
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment


class UpdateShape(StepShape):
    """`- update: {welcomed: true}`"""

    update: dict[str, Any] = Field(description="attribute: a value, or a property such as event.store.")


class Update(Verb):
    """Set attributes of the customer. A property that is not known changes nothing.

    Example:
        - update: {last_basket: start.basket_id, welcomed: true}
    """

    name = "update"
    Shape = UpdateShape

    def label(self, shape: Any) -> str:
        return "+".join(shape.update)

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return compiler.attributes("update", shape.update)

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        values: dict[str, Value] = step.spec
        for name, value in evaluated(walk, run, values).items():
            set_attribute(walk.profile, name, value, walk.now, f"{run.id}/{step.id}")
        return Go(step.next)
