"""`suppress`: keep an action off the table, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.steps.suggest import Word, said, silent
from engine.journey.table import keep_off
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment


class SuppressStepShape(StepShape):
    """`- suppress: basket_help`, with `lasts`"""

    suppress: str = Field(description="The action, or a message in templates/messages/.")
    placements: str | list[str] = Field(default_factory=list, description="Where it is kept off (default: everywhere).")
    lasts: str = Field(default="7d", description="How long it is kept off.")


@dataclass(frozen=True, slots=True)
class Silenced(Word):
    """Compiled `suppress`."""


class Suppress(Verb):
    """Keep an action off the table: no placement shows it and `send_best` does not choose it while this lasts,
    also where another journey suggests it. That ends early when the journey ends by its goal or is stopped.
    What is on a store's tablets or was sent stays there.

    Example:
        - suppress: basket_help
          lasts: 2d
    """

    name = "suppress"
    tells = True
    Shape = SuppressStepShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return Silenced(
            compiler.action("suppress", shape.suppress),
            compiler.placements("placements", shape.placements),
            compiler.span("lasts", shape.lasts),
            compiler.declared(shape.suppress),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Silenced = step.spec
        if silent(walk, run, step):
            return Go(step.next)
        off = said(walk, run, step, spec)
        keep_off(walk, off)
        walk.record("suppressed", run=run, place=step.place, until=off.until, extra={"action": spec.action})
        return Go(step.next)
