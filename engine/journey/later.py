"""Not now: until when a message may leave, and when one that waits is looked at again."""

from __future__ import annotations

from engine.journey.messages import requeue
from engine.journey.walk import Walk
from engine.model.message import Message
from engine.model.record import Reason
from engine.model.span import DAY, SECOND
from engine.policy.quiet import LONGEST_DAYS, quiet_days_between
from engine.policy.wallclock import customer_zone

LOOK_AGAIN_RESTING = 5 * SECOND
LOOK_AGAIN_DOWN = 30 * SECOND


def expiry(walk: Walk, message: Message) -> int:
    """The last instant at which the message may leave. Quiet days do not count, unless it was given."""
    if message.expires is not None:
        return message.expires
    policies = walk.plan.policies
    begin = message.first_due
    end_ = begin + policies.time_to_live
    zone = customer_zone(walk.profile, policies)
    # bounded: where all days are quiet, each day that is not counted adds another one
    while policies.quiet and end_ < begin + LONGEST_DAYS * DAY:
        later = begin + policies.time_to_live + quiet_days_between(policies.quiet, zone, begin, end_)
        if later <= end_:
            break
        end_ = later
    return end_


def falls_back(walk: Walk, message: Message) -> int:
    """When a message leaves a channel whose providers do not take it for the next one (epoch ms), counted from now
    where they have just begun not to. At half of its time at the latest: the next channel needs some, too."""
    message.failing = message.failing or walk.now
    return message.failing + min(
        walk.plan.policies.fall_back_after, max(expiry(walk, message) - message.failing, 0) // 2
    )


def look_again(walk: Walk, message: Message, pause: int) -> int:
    """When to look at a waiting message again: after `pause`, and when its time to live is over."""
    return min(walk.now + pause, max(expiry(walk, message), walk.now) + 1)


def wait_for_provider(walk: Walk, message: Message, channel: str, seen: str) -> None:
    """Every channel that would do has only providers that are down: wait for the first. It is told once."""
    if message.queue != channel or not message.waits:
        walk.record("held", message=message, reason=Reason("unhealthy", seen), channel=channel)
    message.waits = True
    requeue(walk, message, channel, look_again(walk, message, LOOK_AGAIN_DOWN))
