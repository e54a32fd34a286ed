"""`repeat`: the same steps again, a bounded number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.condition import Condition
from engine.model.plan import Step
from engine.model.profile import Enrolment

MOST = 100


class RepeatShape(StepShape):
    """`- repeat: 3`, with `steps`"""

    repeat: int = Field(ge=1, le=MOST, description="At most how many times.")
    steps: list[Any] = Field(description="The steps to repeat.")
    until: str | list[str] | None = Field(default=None, description="Stop repeating when this holds (all lines).")


@dataclass(frozen=True, slots=True)
class Again:
    """Compiled `repeat`: how often, the first step of the block, when to stop."""

    times: int
    first: str
    until: tuple[Condition, ...]


class Repeat(Verb):
    """Repeat steps at most so many times, or until a condition holds (asked before each round).

    Example:
        - repeat: 3
          until: customer.orders >= 1
          steps:
            - send: reminder
              via: email
            - wait: 2d
    """

    name = "repeat"
    Shape = RepeatShape
    blocks = ("steps",)

    def label(self, shape: Any) -> str:
        return ""

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        if not shape.steps:
            compiler.problem("steps", "there is nothing to repeat.", "Write the steps below 'steps:'.")
        return Again(
            times=shape.repeat,
            first=compiler.block("steps", shape.steps, compiler.here),
            until=compiler.conditions("until", shape.until) if shape.until else (),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Again = step.spec
        rounds = run.rounds.get(step.id, 0)
        done = bool(spec.until) and all(line.holds(walk.run_scope(run)) for line in spec.until)
        if rounds >= spec.times or done or spec.first == step.id:
            run.rounds.pop(step.id, None)
            return Go(step.next)
        run.rounds[step.id] = rounds + 1
        return Go(spec.first)
