"""`stop`: end this journey here."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Exit, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason


class StopShape(StepShape):
    """`- stop: why`"""

    stop: str | None = Field(description="Why, in your own words: it is kept as the reason.")


class Stop(Verb):
    """End the journey for this customer.

    Example:
        - stop: nothing more to say
    """

    name = "stop"
    tells = True
    Shape = StopShape

    def label(self, shape: Any) -> str:
        return ""

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return shape.stop or ""

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        return Exit(Reason("stop", step.spec, str(step.place)))
