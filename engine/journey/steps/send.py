"""`send`: decide that a message shall leave; whether it does is the gate's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from engine.journey.steps.step import STAY, Compiler, Go, Next, StepShape, Verb
from engine.journey.values import Value
from engine.journey.walk import Walk
from engine.journey.whom import Whom, read_address, refused
from engine.model.address import UNHEARD_OF
from engine.model.ids import message_id
from engine.model.message import Message
from engine.model.plan import Step
from engine.model.policy import INTERNAL, Purpose
from engine.model.profile import Enrolment
from engine.model.record import Reason, Row
from engine.model.span import Span
from engine.policy.suppression import refused_by_suppression
from engine.policy.wallclock import add, customer_zone

OnQuiet = Literal["hold", "next_channel", "skip", "stop"]
OnCap = Literal["next_channel", "skip", "stop"]


class SendShape(StepShape):
    """`- send: basket_reminder`, with `via`"""

    send: str = Field(description="The message: a template in templates/messages/.")
    via: str | list[str] = Field(
        description="Channels in order of preference: the first allowed, reachable one is used."
    )
    to: str | None = Field(
        default=None,
        description="One of your own people, not the customer: care_team (of the policies), start.associate_email, "
        "catalog.stores[start.store].email.",
    )
    purpose: str | None = Field(default=None, description="Another purpose than the journey's.")
    time_to_live: str | None = Field(
        default=None, description="Drop the message when it could not leave within this time."
    )
    try_next_after: str | None = Field(
        default=None, description="Try the next channel when the message was not opened after this long: 3h."
    )
    unless: str | list[str] = Field(
        default_factory=list, description="Events that make trying the next channel needless."
    )
    tags: list[str] = Field(default_factory=list, description="Words of your own, for caps that count them.")
    on_quiet: OnQuiet | None = Field(
        default=None, description="What to do in quiet hours (default: as the policy says)."
    )
    on_cap: OnCap | None = Field(
        default=None, description="What to do when a cap is full (default: as the policy says)."
    )
    respect_quiet: bool = Field(default=False, description="Keep quiet hours even for a transactional message.")


@dataclass(frozen=True, slots=True)
class Sending:
    """Compiled `send`. `on_quiet` and `on_cap` are '' where the policy decides; `to` is None for the customer."""

    message: str
    via: tuple[str, ...]
    purpose: str
    time_to_live: Span | None
    on_quiet: str
    on_cap: str
    respect_quiet: bool
    try_next_after: Span | None = None
    unless: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    to: Whom | None = None


@dataclass(frozen=True, slots=True)
class Choosing(Sending):
    """Compiled `send_best`: which message it is, is found when a customer comes there. `of` is what it may be."""

    placement: str = ""
    context: Mapping[str, Value] = field(default_factory=dict)
    otherwise: str = ""
    of: tuple[Sending, ...] = ()


def sends(spec: object) -> tuple[Sending, ...]:
    """The messages that a step may send."""
    return spec.of if isinstance(spec, Choosing) else (spec,) if isinstance(spec, Sending) else ()


class Send(Verb):
    """Send a message by the first channel of `via` that is reachable and allowed when it leaves.

    The journey goes on when the message has left, or is known not to.

    Example:
        - send: basket_reminder
          via: [push, email, sms]
    """

    name = "send"
    tells = True
    Shape = SendShape

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        via = compiler.channels("via", shape.via)
        unless = [shape.unless] if isinstance(shape.unless, str) else shape.unless
        return Sending(
            message=compiler.message("send", shape.send, via),
            via=via,
            to=compiler.recipient("to", shape.to, via, shape) if shape.to is not None else None,
            purpose=compiler.purpose("purpose", shape.purpose) if shape.to is None else INTERNAL.name,
            time_to_live=compiler.span("time_to_live", shape.time_to_live) if shape.time_to_live else None,
            on_quiet=shape.on_quiet or "",
            on_cap=shape.on_cap or "",
            respect_quiet=shape.respect_quiet,
            try_next_after=compiler.span("try_next_after", shape.try_next_after) if shape.try_next_after else None,
            tags=tuple(shape.tags),
            unless=tuple(compiler.event("unless", name) for name in unless),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Sending = step.spec
        message = Message(
            id=message_id(walk.profile.id, run.journey, run.key, run.entry, step.id, run.visits.get(step.id, 1)),
            enrolment=run.id,
            journey=run.journey,
            step=step.id,
            name=spec.message,
            purpose=spec.purpose,
            via=list(spec.via),
            first_due=walk.now,
            tags=list(spec.tags),
            to=spec.to.text if spec.to is not None else "",
            address=read_address(walk, run, spec.to) if spec.to is not None else "",
        )
        return set_out(step, walk, run, message)


def set_out(step: Step, walk: Walk, run: Enrolment, message: Message) -> Next:
    """Put a message into an outbox, unless the part of the gate that needs no channel refuses it."""
    spec: Sending = step.spec
    purpose = walk.plan.policies.purpose(message.purpose)
    if spec.to is None:
        run.sent.pop(step.id, None)
        run.sent[step.id] = message.id
    if spec.time_to_live is not None:
        message.expires = add(walk.now, spec.time_to_live, customer_zone(walk.profile, walk.plan.policies))
    if run.gone.get(step.id, 0) >= run.visits.get(step.id, 1):
        reason = Reason("duplicate", "it left before, to the customer merged with")
        walk.record("refused", run=run, message=message, reason=reason, place=step.place)
        return Go(step.next)
    if run.held_out and not (purpose if spec.to is None else _own(walk, run)).transactional:
        reason = Reason(run.held_out, f"{run.journey}: assigned at its start")
        walk.record("held_out", run=run, message=message, reason=reason, place=step.place)
        return Go(step.next)
    refusal = refused_by_suppression(walk.profile, walk.plan.policies, purpose, walk.now, walk.scope())
    if refusal is not None:
        walk.record("refused", run=run, message=message, reason=refusal.reason, place=step.place)
        run.silent = ""
        return Go(step.next)
    message.queue = first_open(walk, message, purpose)
    walk.profile.messages[message.id] = message
    walk.rows.append(Row(message.queue, klass(purpose, run.bulk), message.id, walk.now))
    run.waits_on = message.id
    return STAY


def first_open(walk: Walk, message: Message, purpose: Purpose) -> str:
    """The channel a message will most likely leave by: whose outbox it is put into."""
    for name in message.via:
        if refused(walk.plan, walk.profile, message, walk.plan.channels[name], purpose, UNHEARD_OF) is None:
            return name
    return message.via[0]


def _own(walk: Walk, run: Enrolment) -> Purpose:
    """The journey's own purpose: what it does to customers in a holdout is not told to our people either."""
    journey = walk.journey(run)
    return walk.plan.policies.purpose(journey.purpose) if journey is not None else INTERNAL


def klass(purpose: Purpose, bulk: bool = False) -> str:
    """The class of a message: transactional before triggered (by an event) before bulk (by a schedule)."""
    return "transactional" if purpose.transactional else "bulk" if bulk else "triggered"
