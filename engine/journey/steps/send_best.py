"""`send_best`: send the best action of a placement, chosen when the customer comes there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from engine.journey.best import becomes, best, tell
from engine.journey.steps.send import Choosing, OnQuiet, Sending, set_out
from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.values import evaluated
from engine.journey.walk import Walk
from engine.model.ids import message_id
from engine.model.message import Message
from engine.model.plan import Step
from engine.model.profile import Enrolment


class SendBestShape(StepShape):
    """`- send_best: web.home`, with `via`"""

    send_best: str = Field(description="The placement whose best action is sent.")
    via: str | list[str] = Field(
        description="Channels in order of preference: the first allowed, reachable one is used."
    )
    context: dict[str, Any] = Field(
        default_factory=dict, description="What is said of the moment: values, or start.basket_id."
    )
    otherwise: list[Any] | None = Field(default=None, description="Steps when there is nothing to be sent.")
    time_to_live: str | None = Field(
        default=None, description="Drop the message when it could not leave within this time."
    )
    on_quiet: OnQuiet | None = Field(
        default=None, description="What to do in quiet hours (default: as the policy says)."
    )


class SendBest(Verb):
    """Send the best action of a placement, by the first channel of `via` that is reachable and allowed.

    It is chosen as the placement itself would be answered, of what may reach the customer by one of the channels.
    What was sent counts as shown there. The journey goes on when the message has left, or is known not to.

    Example:
        - send_best: web.basket
          via: [push, email]
          otherwise: [{stop: "nothing to say"}]
    """

    name = "send_best"
    tells = True
    Shape = SendBestShape
    blocks = ("otherwise",)

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        (placement,) = compiler.placements("send_best", shape.send_best)
        plain = Sending(
            message="",
            via=compiler.channels("via", shape.via),
            purpose=compiler.purpose("", None),
            time_to_live=compiler.span("time_to_live", shape.time_to_live) if shape.time_to_live else None,
            on_quiet=shape.on_quiet or "",
            on_cap="skip",
            respect_quiet=False,
        )
        return Choosing(
            message=plain.message,
            via=plain.via,
            purpose=plain.purpose,
            time_to_live=plain.time_to_live,
            on_quiet=plain.on_quiet,
            on_cap=plain.on_cap,
            respect_quiet=plain.respect_quiet,
            placement=placement,
            context=compiler.anything("context", shape.context),
            otherwise=compiler.block("otherwise", shape.otherwise, after),
            of=tuple(
                replace(plain, message=action.message, purpose=action.purpose, tags=action.tags)
                for action in compiler.shown_at(placement)
            ),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Choosing = step.spec
        context = evaluated(walk, run, spec.context)
        chosen = tell(walk, run, step, best(walk, run, spec, context))
        if chosen is None:
            run.silent = ""
            return Go(spec.otherwise)
        message = Message(
            id=message_id(walk.profile.id, run.journey, run.key, run.entry, step.id, run.visits.get(step.id, 1)),
            enrolment=run.id,
            journey=run.journey,
            step=step.id,
            name="",
            purpose="",
            via=list(spec.via),
            first_due=walk.now,
            placement=spec.placement,
            data=context,
        )
        becomes(message, chosen)
        return set_out(step, walk, run, message)
