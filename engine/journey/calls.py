"""Calls of services on their way: begun like a message, ended by an answer."""

from __future__ import annotations

import json

from engine.journey.later import LOOK_AGAIN_RESTING
from engine.journey.messages import place_of, requeue
from engine.journey.runs import end, exit_reason, go
from engine.journey.steps.call import Called
from engine.journey.steps.step import Go
from engine.journey.stops import hold_up
from engine.journey.walk import Walk
from engine.model.ids import attempt_id
from engine.model.message import CALL, Message, Outgoing, Rendered, SendOutcome
from engine.model.profile import Enrolment
from engine.model.record import Reason
from engine.model.span import SECOND

# Seconds between attempts; the last one is kept until the step gives up.
BACKOFF = (1, 4, 16, 64)


def begin_call(walk: Walk, message: Message) -> None:
    """What `leave` does with a call: only a pause, the end of the journey (a kill, too) and a service that is left
    alone keep it back."""
    run = walk.profile.enrolments.get(message.enrolment)
    if run is None:
        walk.profile.messages.pop(message.id)
        return
    if walk.flags.pauses(message.journey):
        hold_up(walk, message)
        return
    reason = exit_reason(walk, run)
    if reason is not None:
        end(walk, run, reason)
        return
    if message.call in walk.flags.resting:
        requeue(walk, message, CALL, walk.now + LOOK_AGAIN_RESTING)
        return
    message.status, message.channel = "sending", CALL
    message.attempt += 1
    walk.outgoing = call_of(walk, message)


def call_of(walk: Walk, message: Message) -> Outgoing:
    """The attempt that a call in `sending` stands for. The key stays the same over all attempts."""
    body = {"id": message.id, "journey": message.journey, "step": message.step, "data": message.data}
    return Outgoing(
        attempt_id=attempt_id(message.id, CALL, 1),
        message_id=message.id,
        profile=walk.profile.id,
        label=walk.profile.label,
        journey=message.journey,
        step=message.step,
        message=message.name,
        channel=CALL,
        address=message.call,
        purpose=message.purpose,
        at=walk.now,
        expires=None,
        rendered=Rendered(message.name, CALL, "", {"body": json.dumps(body, ensure_ascii=False, sort_keys=True)}),
    )


def answered(walk: Walk, message: Message, outcome: SendOutcome) -> None:
    """What the service's answer does. Nobody is waiting any more when the step has given up."""
    run = walk.profile.enrolments.get(message.enrolment)
    if run is None or run.waits_on != message.id:
        walk.profile.messages.pop(message.id, None)
    elif outcome.kind == "accepted":
        walk.profile.messages.pop(message.id)
        spec = _called(walk, run)
        said = outcome.answer or {}
        answer = {name: said[name] for name in spec.answer if name in said} if spec is not None else {}
        walk.record("called", run=run, message=message, place=place_of(walk, message), extra={"answer": answer})
        run.due, run.waits_on = None, ""
        run.event = {"event": f"call {message.name}", "at": walk.now, **answer}
        go(walk, run, Go(spec.then if spec is not None else ""))
    elif outcome.untried:
        message.status, message.attempt = "planned", message.attempt - 1
        requeue(walk, message, CALL, walk.now + LOOK_AGAIN_RESTING)
    elif outcome.kind in ("retry", "unknown"):
        pause = max(BACKOFF[min(message.retries, len(BACKOFF) - 1)], outcome.retry_after or 0)
        message.retries += 1
        message.status = "planned"
        requeue(walk, message, CALL, walk.now + int(pause * SECOND))
    else:
        _fail(walk, run, message, Reason(outcome.kind, outcome.reason))


def _fail(walk: Walk, run: Enrolment, message: Message, reason: Reason) -> None:
    walk.profile.messages.pop(message.id, None)
    walk.record("called", run=run, message=message, reason=reason, place=place_of(walk, message))
    run.due, run.waits_on = None, ""
    spec = _called(walk, run)
    go(walk, run, Go(spec.timeout if spec is not None else ""))


def _called(walk: Walk, run: Enrolment) -> Called | None:
    journey = walk.journey(run)
    step = journey.steps.get(run.step) if journey is not None else None
    return step.spec if step is not None and isinstance(step.spec, Called) else None
