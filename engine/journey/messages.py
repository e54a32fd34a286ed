"""Messages on the move: into an outbox, and to their end."""

from __future__ import annotations

from engine.journey.receipts import is_about
from engine.journey.runs import end, finish, resume
from engine.journey.steps.send import Sending, klass
from engine.journey.walk import Walk
from engine.model.event import ABOUT_A_MESSAGE, ANSWERED, NO_TIME, Event
from engine.model.message import Message
from engine.model.problem import NOWHERE, Place
from engine.model.profile import Enrolment
from engine.model.record import Kind, Reason, Row
from engine.model.span import Span
from engine.policy.wallclock import add, customer_zone

# Why a channel is left behind that the message had reached.
UNOPENED = "was not opened in time"


def requeue(walk: Walk, message: Message, channel: str, due: int) -> None:
    """Put a message into a channel's outbox, to be looked at not before `due`."""
    message.queue = channel
    purpose = walk.plan.policies.purpose(message.purpose)
    run = walk.profile.enrolments.get(message.enrolment)
    walk.rows.append(Row(channel, klass(purpose, run is not None and run.bulk), message.id, due))


def has_left(run: Enrolment, message: Message, now: int) -> None:
    """Keep in mind that a message of `run` has left, or may have: no merge of customers shall send it again."""
    run.left = now
    run.gone[message.step] = max(run.gone.get(message.step, 0), run.visits.get(message.step, 1))


def departed(walk: Walk, message: Message, span: Span | None, reason: Reason | None) -> None:
    """A provider accepted the message. With channels left in `via` it is kept: a bounce, or silence for `span`,
    sends it on to the next one; the journey goes on meanwhile."""
    run = walk.profile.enrolments.get(message.enrolment)
    others = [name for name in message.via if name not in message.tried and name != message.channel]
    if run is None or not others:
        close(walk, message, "sent", reason)
        return
    walk.record("sent", run=run, message=message, reason=reason, channel=message.channel, place=place_of(walk, message))
    message.status, run.silent = "left", ""
    if span is not None:
        message.due = add(walk.now, span, customer_zone(walk.profile, walk.plan.policies))
    resume(walk, message)


def try_next(walk: Walk, message: Message) -> None:
    """A message whose time has come: a held one is looked at again, an unopened one tries its next channel, one
    that was set aside is over."""
    message.due = None
    if message.status == "set_aside":
        close(walk, message, "expired", Reason("time_to_live", "it was set aside, and not taken up again in time"))
        return
    if message.status == "left":
        # the author let this time pass: the next channel is due only now
        message.first_due = walk.now
        _go_over(walk, message, UNOPENED)
        return
    message.status = "planned"
    requeue(walk, message, message.queue, walk.now)


def _go_over(walk: Walk, message: Message, why: str) -> None:
    """On by the next channel, with retries of its own."""
    message.tried[message.channel] = why
    message.status, message.due, message.channel, message.retries = "planned", None, "", 0
    message.failing = 0
    requeue(walk, message, next(name for name in message.via if name not in message.tried), walk.now)


def reported(walk: Walk, event: Event) -> None:
    """What a provider's or the customer's reaction to a message does to its fallback."""
    about = str(event.properties.get("prompt") or event.properties.get("message", ""))
    answered = event.name == ANSWERED and event.properties.get("outcome") != NO_TIME
    seen = answered or event.name in ("opened", "clicked")
    for message in [m for m in walk.profile.messages.values() if m.status == "left"]:
        mine = bool(about) and about.startswith(message.id)
        if mine and event.name == "bounced" and event.properties.get("kind") == "hard":
            _go_over(walk, message, "bounced")
        elif (mine and seen) or _unless(walk, message, event):
            walk.profile.messages.pop(message.id)
            finish(walk, walk.profile.enrolments.get(message.enrolment))


def _unless(walk: Walk, message: Message, event: Event) -> bool:
    spec = sending_of(walk, message)
    if spec is None or event.name not in spec.unless:
        return False
    named = event.name in ABOUT_A_MESSAGE and bool(event.properties.get("message"))
    return not named or is_about(event.properties, message.id, message.name)


def sending_of(walk: Walk, message: Message) -> Sending | None:
    """What the step says that planned the message; None when its journey or step is gone."""
    run = walk.profile.enrolments.get(message.enrolment)
    journey = walk.journey(run) if run is not None else None
    step = journey.steps.get(message.step) if journey is not None else None
    return step.spec if step is not None and isinstance(step.spec, Sending) else None


def place_of(walk: Walk, message: Message) -> Place:
    """Where the step stands that planned the message."""
    run = walk.profile.enrolments.get(message.enrolment)
    journey = walk.journey(run) if run is not None else None
    step = journey.steps.get(message.step) if journey is not None else None
    return step.place if step is not None else NOWHERE


def close(
    walk: Walk,
    message: Message,
    kind: Kind,
    reason: Reason | None = None,
    *,
    place: Place = NOWHERE,
    stop: bool = False,
) -> None:
    """The message has come to its end; its enrolment goes on (or ends, when `stop`).

    One that may have arrived is `unknown`, whatever keeps it from being sent again.
    """
    if message.unsure and kind != "sent":
        kind = "unknown"
    run = walk.profile.enrolments.get(message.enrolment)
    place = place if place.line else place_of(walk, message)
    channel = message.channel or message.queue
    walk.record(kind, run=run, message=message, reason=reason, channel=channel, place=place)
    walk.profile.messages.pop(message.id, None)
    if run is not None:
        nobody = reason is not None and reason.rule == "no_channel" and UNOPENED not in message.tried.values()
        run.silent = f"{message.name}: {reason.observed}" if nobody and reason is not None else ""
    if run is not None and stop:
        end(walk, run, reason or Reason("stop"))
    else:
        resume(walk, message)
        finish(walk, run)
