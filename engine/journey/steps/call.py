"""`call`: ask a service, and go on with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import STAY, Compiler, Go, Next, StepShape, Verb
from engine.journey.values import Value, evaluated
from engine.journey.walk import Walk
from engine.model.ids import message_id
from engine.model.message import CALL, Message
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason, Row
from engine.model.span import Span
from engine.policy.wallclock import add, customer_zone


class CallShape(StepShape):
    """`- call: stock`, with `up_to`"""

    call: str = Field(description="The service: one of `calls:` in the policies.")
    up_to: str = Field(description="Give up after this long: 30s, 5m.")
    with_: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="What it is told: values, or start.basket_id."
    )
    answer: dict[str, Any] = Field(
        default_factory=dict, description="Names and types of what it answers; read as event.name afterwards."
    )
    then: list[Any] | None = Field(default=None, description="Steps when it answered.")
    on_timeout: list[Any] | None = Field(default=None, description="Steps when it did not, or refused.")


@dataclass(frozen=True, slots=True)
class Called:
    """Compiled `call`; `answer` lists the names that are taken from the answer; `then` and `timeout` are step ids."""

    service: str
    url: str
    data: dict[str, Value]
    answer: frozenset[str]
    up_to: Span
    then: str
    timeout: str


class Call(Verb):
    """Call a service over HTTP and wait for its answer, with an idempotency key and retries until `up_to`.

    Example:
        - call: stock
          with: {basket: start.basket_id}
          answer: {left: integer}
          up_to: 5m
          then: [{if: event.left > 0, then: [{send: still_there, via: email}]}]
          on_timeout: [{stop: nobody knows}]
    """

    name = "call"
    tells = True
    Shape = CallShape
    blocks = ("then", "on_timeout")

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        return Called(
            service=shape.call,
            url=compiler.service("call", shape.call),
            data=compiler.anything("with", shape.with_),
            answer=frozenset(shape.answer),
            up_to=compiler.span("up_to", shape.up_to),
            then=compiler.block("then", shape.then, after),
            timeout=compiler.block("on_timeout", shape.on_timeout, after),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Called = step.spec
        journey = walk.journey(run)
        message = Message(
            id=message_id(walk.profile.id, run.journey, run.key, run.entry, step.id, run.visits.get(step.id, 1)),
            enrolment=run.id,
            journey=run.journey,
            step=step.id,
            name=spec.service,
            purpose=journey.purpose if journey is not None else "",
            via=[CALL],
            queue=CALL,
            first_due=walk.now,
            call=spec.url,
            data=evaluated(walk, run, spec.data),
        )
        walk.profile.messages[message.id] = message
        walk.rows.append(Row(CALL, "triggered", message.id, walk.now))
        run.waits_on = message.id
        run.due = add(walk.now, spec.up_to, customer_zone(walk.profile, walk.plan.policies))
        return STAY

    def on_timer(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        message = walk.profile.messages.pop(run.waits_on, None)
        if message is not None:
            reason = Reason("timeout", f"no answer within {step.spec.up_to}")
            walk.record("called", run=run, message=message, reason=reason, place=step.place)
        return Go(step.spec.timeout)
