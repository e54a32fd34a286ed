"""What an operator has stopped, brought to bear on one customer.

Pause: no step is taken and nothing leaves; events count, and what ends an enrolment ends it. Afterwards, each
enrolment lives through each pause exactly once, whenever it is next looked at. Kill: enrolments end.
"""

from __future__ import annotations

from engine.journey.messages import requeue
from engine.journey.runs import end, go
from engine.journey.steps.step import Go
from engine.journey.steps.wait_until import WaitUntil
from engine.journey.walk import Walk
from engine.model.message import Message
from engine.model.profile import Enrolment, Idle
from engine.model.record import Reason
from engine.model.span import HOUR

# Who stands in a paused journey is looked at again after this, should the word that it goes on not have arrived.
LOOK_AGAIN_PAUSED = HOUR


def killed(journey: str) -> Reason:
    """Why a message of a killed journey does not leave."""
    return Reason("killed", f"{journey} was killed by an operator")


def heed(walk: Walk, asked: str = "") -> None:
    """End what was killed, and let go on what is not paused any more. `asked` is the message being asked about."""
    profile, flags = walk.profile, walk.flags
    if not (flags.killed or flags.over or profile.frozen):
        return
    for name, idle in list(profile.idles.items()):
        if not flags.pauses(idle.journey) and not _idle_goes_on(walk, idle):
            del profile.idles[name]
    for run in list(profile.enrolments.values()):
        if flags.kills(run.journey):
            _strike(walk, run)
        elif not flags.pauses(run.journey):
            _goes_on(walk, run, asked)


def freeze(walk: Walk) -> None:
    """Note which paused journeys concern this customer: their clocks stand still until that is looked at again."""
    profile, flags = walk.profile, walk.flags
    if not (flags.paused or profile.frozen):
        return
    concerned = {each.journey for each in profile.enrolments.values()}
    concerned |= {each.journey for each in profile.idles.values()} | {m.journey for m in profile.messages.values()}
    profile.frozen = {
        name: before if (before := profile.frozen.get(name, 0)) > walk.now else walk.now + LOOK_AGAIN_PAUSED
        for name in sorted(concerned)
        if flags.pauses(name)
    }


def hold_up(walk: Walk, message: Message) -> None:
    """Keep a message of a paused journey back until it goes on."""
    message.status, message.due = "held", None
    reason = Reason("paused", f"{message.journey} was paused by an operator")
    run = walk.profile.enrolments.get(message.enrolment)
    walk.record("held", run=run, message=message, reason=reason, channel=message.queue)


def _idle_goes_on(walk: Walk, idle: Idle) -> bool:
    """Live through what is over; False when the start is cancelled by it."""
    flags = walk.flags
    if flags.kills(idle.journey):
        return False
    for pause in flags.over_since(idle.journey, idle.heeded):
        if pause.how == "killed" or (pause.how == "expire" and idle.due <= pause.until):
            return False
        if pause.how == "shift":
            idle.due += pause.until - max(pause.since, idle.heeded)
        idle.heeded = pause.until
    return True


def _goes_on(walk: Walk, run: Enrolment, asked: str) -> None:
    """Live through the stops that are over, then go on with what was held up."""
    for pause in walk.flags.over_since(run.journey, max(run.heeded, run.started)):
        if pause.how == "killed":
            return _strike(walk, run)
        if pause.how == "expire" and _came(walk, run, pause.until):
            return end(walk, run, Reason("expired", f"its time came while {run.journey} was paused"))
        if pause.how == "shift":
            _shift(walk, run, pause.until - max(pause.since, run.heeded, run.started), pause.until)
        run.heeded = pause.until
    for message in _messages(walk, run):
        if message.status == "held" and message.due is None:
            message.status = "planned"
            if message.id != asked:
                requeue(walk, message, message.queue, walk.now)
    if run.held is not None:
        step, run.held = run.held, None
        go(walk, run, Go(step))
    return None


def _came(walk: Walk, run: Enrolment, until: int) -> bool:
    """Would this enrolment have gone on, or a message of it have left, before `until`?"""
    if run.held is not None or (run.due is not None and run.due <= until):
        return True
    return any(
        message.status == "planned" or (message.status in ("held", "left") and (message.due or 0) <= until)
        for message in _messages(walk, run)
        if message.status != "left" or message.due is not None
    )


def _shift(walk: Walk, run: Enrolment, length: int, until: int) -> None:
    """Every wait is longer by `length` ms. A moment of the calendar stays, and is asked for again once it is over."""
    journey = walk.journey(run)
    step = journey.steps.get(run.step) if journey is not None else None
    if run.due is not None:
        if step is None or not isinstance(step.verb, WaitUntil):
            run.due += length
        elif run.due <= until:
            run.held, run.due = run.step, None
    for message in _messages(walk, run):
        message.first_due += length
        if message.expires is not None:
            message.expires += length
        if message.status == "left" and message.due is not None:
            message.due += length


def _strike(walk: Walk, run: Enrolment) -> None:
    """End an enrolment of a killed journey: its messages are refused."""
    reason = killed(run.journey)
    for message in _messages(walk, run):
        if message.status in ("planned", "held") and not message.call:
            walk.record("refused", run=run, message=message, reason=reason, channel=message.queue)
            del walk.profile.messages[message.id]
    end(walk, run, reason)


def _messages(walk: Walk, run: Enrolment) -> list[Message]:
    return [message for message in walk.profile.messages.values() if message.enrolment == run.id]
