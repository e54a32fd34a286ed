"""`suggest`: put an action on the table, for whoever asks next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.table import put
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment, Suggestion
from engine.model.span import Span
from engine.policy.wallclock import add, customer_zone


class SuggestShape(StepShape):
    """`- suggest: basket_help`, with `placements`"""

    suggest: str = Field(description="The action, or a message in templates/messages/.")
    placements: str | list[str] = Field(
        default_factory=list, description="Where it may be shown: web.basket, store.till (default: the action's own)."
    )
    boost: float = Field(default=1.0, gt=0, le=1000, description="Its score is multiplied by this meanwhile.")
    lasts: str = Field(default="7d", description="How long it stays on the table.")


@dataclass(frozen=True, slots=True)
class Word:
    """What a step says of an action. `declared`: it is an action of its own, no bare message."""

    action: str
    placements: tuple[str, ...]
    lasts: Span
    declared: bool


@dataclass(frozen=True, slots=True)
class Offered(Word):
    """Compiled `suggest`."""

    boost: float = 1.0


class Suggest(Verb):
    """Put an action on the table: nothing is sent; a channel app that asks for a placement gets it.
    It is taken away when the journey ends by its goal or is stopped. For somebody held out nothing is put there.
    With `boost` it goes before others while it lies there.

    Example:
        - suggest: basket_help
          placements: [web.basket, store.till]
          lasts: 2d
    """

    name = "suggest"
    tells = True
    Shape = SuggestShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return Offered(
            compiler.action("suggest", shape.suggest),
            compiler.placements("placements", shape.placements, home=shape.suggest),
            compiler.span("lasts", shape.lasts),
            compiler.declared(shape.suggest),
            shape.boost,
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Offered = step.spec
        if silent(walk, run, step):
            return Go(step.next)
        suggestion = said(walk, run, step, spec, spec.boost)
        put(walk, suggestion)
        walk.record("suggested", run=run, place=step.place, until=suggestion.until, extra={"action": spec.action})
        return Go(step.next)


def silent(walk: Walk, run: Enrolment, step: Step) -> bool:
    """Whether `run` is held out, and nothing that it does may be seen on any table."""
    journey = walk.journey(run)
    purpose = walk.plan.policies.purposes.get(journey.purpose) if journey is not None else None
    if run.held_out and not (purpose is not None and purpose.transactional):
        walk.came_to(run, step, f"{run.held_out}: assigned at its start")
        return True
    return False


def said(walk: Walk, run: Enrolment, step: Step, spec: Word, boost: float = 1.0) -> Suggestion:
    """What a step says of an action, from now on for as long as it lasts."""
    until = add(walk.now, spec.lasts, customer_zone(walk.profile, walk.plan.policies))
    return Suggestion(spec.action, list(spec.placements), until, run.id, run.journey, step.id, boost, spec.declared)
