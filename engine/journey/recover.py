"""A message found in `sending` although its worker is gone: never simply taken up again."""

from __future__ import annotations

from engine.journey.calls import call_of
from engine.journey.leave import outgoing
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.journey.wording import Render, render_message
from engine.model.flags import NO_FLAGS, Flags
from engine.model.message import SendOutcome
from engine.model.plan import Plan
from engine.model.profile import Profile

DIED = "its worker died while sending"


def recover(
    plan: Plan,
    profile: Profile,
    message_id: str,
    now: int,
    render: Render,
    *,
    repeatable: bool,
    flags: Flags = NO_FLAGS,
) -> Walk:
    """Decide about a message whose sender died between `begin` and `end`.

    Repeated with the same attempt id, past the gate (it counts as left), when its purpose is at-least-once
    or the provider ignores repeats (`repeatable`); else it is `unknown`: listed, never sent again. Nothing is
    decided while its journey is paused: the message stays `sending`.
    """
    walk = Walk(plan, profile, now, flags)
    message = profile.messages.get(message_id)
    if message is None or message.status != "sending":
        return walk
    if flags.pauses(message.journey):
        return walk
    killed = flags.kills(message.journey)
    if message.call and not killed:
        walk.outgoing = call_of(walk, message)
        return walk
    repeatable = repeatable or plan.policies.purpose(message.purpose).at_least_once
    if repeatable and not killed:
        run = profile.enrolments.get(message.enrolment)
        rendered = render_message(walk, message, run, message.channel, render)
        if rendered is not None:
            walk.outgoing = outgoing(walk, message, rendered)
            return walk
    end = settle(plan, profile, message_id, SendOutcome("unknown", DIED), now, flags)
    end.take_before(walk)
    return end


def lose(plan: Plan, profile: Profile, message_id: str, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Give up a message of which nobody can say whether it left: it is `unknown`, and its journey goes on.

    Only for what must not arrive twice; a planned message that must arrive stays as it is.
    """
    walk = Walk(plan, profile, now, flags)
    message = profile.messages.get(message_id)
    if message is None or message.status not in ("planned", "sending"):
        return walk
    if plan.policies.purpose(message.purpose).at_least_once or message.call:
        return walk
    if message.status == "planned":
        message.status, message.channel, message.attempt = "sending", message.queue, message.attempt + 1
    return settle(plan, profile, message_id, SendOutcome("unknown", "the state was lost when it was due"), now, flags)
