"""`suggest`: put an action on the table, for whoever asks next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment, Suggestion
from engine.model.span import Span
from engine.policy.wallclock import add, customer_zone


class SuggestShape(StepShape):
    """`- suggest: basket_help`, with `placements`"""

    suggest: str = Field(description="The action, or a message in templates/messages/.")
    placements: str | list[str] = Field(description="Where it may be shown: web.basket, store.till.")
    lasts: str = Field(default="7d", description="How long it stays on the table.")


@dataclass(frozen=True, slots=True)
class Offered:
    """Compiled `suggest`."""

    action: str
    placements: tuple[str, ...]
    lasts: Span


class Suggest(Verb):
    """Put an action on the table: nothing is sent; a channel app that asks for a placement gets it.
    It is taken away when the journey ends by its goal or is stopped. For somebody held out nothing is put there.

    Example:
        - suggest: basket_help
          placements: [web.basket, store.till]
          lasts: 2d
    """

    name = "suggest"
    tells = True
    Shape = SuggestShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        placements = [shape.placements] if isinstance(shape.placements, str) else shape.placements
        return Offered(
            compiler.action("suggest", shape.suggest),
            compiler.placements("placements", placements),
            compiler.span("lasts", shape.lasts),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Offered = step.spec
        journey = walk.journey(run)
        purpose = walk.plan.policies.purposes.get(journey.purpose) if journey is not None else None
        if run.held_out and not (purpose is not None and purpose.transactional):
            walk.came_to(run, step, f"{run.held_out}: assigned at its start")
            return Go(step.next)
        until = add(walk.now, spec.lasts, customer_zone(walk.profile, walk.plan.policies))
        suggestion = Suggestion(spec.action, list(spec.placements), until, run.id, run.journey, step.id)
        walk.profile.suggestions = [
            each for each in walk.profile.suggestions if each.until > walk.now and each.action != spec.action
        ] + [suggestion]
        walk.record("suggested", run=run, place=step.place, until=until, extra={"action": spec.action})
        return Go(step.next)
