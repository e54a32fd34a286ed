"""Setting a message aside: the engine failed on it several times, and somebody has to look at it."""

from __future__ import annotations

from engine.journey.conclude import conclude
from engine.journey.later import expiry
from engine.journey.runs import resume
from engine.journey.walk import Walk
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.record import Reason


def set_aside(plan: Plan, profile: Profile, message_id: str, now: int, why: str) -> Walk:
    """Take a planned message out of the way at engine time `now`; its enrolment goes on.

    It stays with the customer until it is taken up again or its time to live is over. A call keeps its
    enrolment waiting, which has a time-out of its own. Nothing happens when the message is not there.
    """
    walk = Walk(plan, profile, now)
    message = profile.messages.get(message_id)
    if message is None:
        return walk
    run = profile.enrolments.get(message.enrolment)
    message.status = "set_aside"
    reason = Reason("delivery_fault", why)
    walk.record("set_aside", run=run, message=message, reason=reason, channel=message.queue)
    if not message.call:
        message.due = max(expiry(walk, message), now) + 1
        resume(walk, message)
    return conclude(walk)


def take_up(profile: Profile, message_id: str) -> None:
    """A message that was set aside is asked about again."""
    message = profile.messages[message_id]
    message.status, message.due = "planned", None
