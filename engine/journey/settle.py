"""What the provider's answer does: the cap is committed or released, the journey goes on."""

from __future__ import annotations

from engine.journey.best import say_shown
from engine.journey.calls import answered
from engine.journey.conclude import conclude
from engine.journey.later import LOOK_AGAIN_RESTING, falls_back
from engine.journey.learn import learn
from engine.journey.messages import close, departed, has_left, requeue, sending_of
from engine.journey.prompts import shown
from engine.journey.stops import heed
from engine.journey.walk import Walk
from engine.model.flags import NO_FLAGS, Flags
from engine.model.ids import attempt_id
from engine.model.message import Message, SendOutcome
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.record import Reason
from engine.model.span import SECOND
from engine.policy import caps
from engine.policy.bucket import share

# Seconds between attempts, the last one kept until the policies say that the next channel is tried.
BACKOFF = (1, 4, 16, 64)


def settle(
    plan: Plan,
    profile: Profile,
    message_id: str,
    outcome: SendOutcome,
    now: int,
    flags: Flags = NO_FLAGS,
    *,
    repeated: bool = False,
) -> Walk:
    """The end of one attempt that `leave` began, at engine time `now`.

    `repeated`: the very same had been handed over before, and nobody knows what came of that. Nothing happens when
    the message is not being sent (a second answer, or one after an erasure).
    """
    walk = Walk(plan, profile, now, flags)
    message = profile.messages.get(message_id)
    if message is None or message.status != "sending":
        return walk
    heed(walk)
    if message.call:
        answered(walk, message, outcome)
        return conclude(walk)
    run = profile.enrolments.get(message.enrolment)
    if repeated:
        _doubt(walk, message)
    if outcome.kind == "accepted":
        caps.commit(profile, _attempt(message))
        message.unsure, message.doubted = False, 0
        if run is not None:
            has_left(run, message, now)
        shown(walk, message)
        say_shown(walk, message)
        spec = sending_of(walk, message)
        reason = Reason("accepted", outcome.reason) if outcome.reason else None
        departed(walk, message, spec.try_next_after if spec is not None else None, reason)
    elif outcome.kind == "unknown":
        if run is not None:
            has_left(run, message, now)
            if plan.policies.purpose(message.purpose).at_least_once and (
                not message.unsure or message.retries < len(BACKOFF)
            ):
                _again(walk, message, outcome)
                return conclude(walk)
        say_shown(walk, message)
        close(walk, message, "unknown", Reason("unknown", outcome.reason or "nobody can say whether it arrived"))
    elif outcome.kind == "retry":
        _retry(walk, message, outcome)
    else:
        learn(walk, message, outcome)
        _next_channel(walk, message, f"{outcome.kind}: {outcome.reason}")
    return conclude(walk)


def _attempt(message: Message) -> str:
    return attempt_id(message.id, message.channel, message.attempt)


def _retry(walk: Walk, message: Message, outcome: SendOutcome) -> None:
    _release(walk, message)
    if outcome.untried:
        message.status, message.attempt = "planned", message.attempt - 1
        requeue(walk, message, message.channel, walk.now + LOOK_AGAIN_RESTING)
        return
    over = falls_back(walk, message)
    if walk.now >= over:
        _next_channel(walk, message, f"unavailable: {outcome.reason}")
        return
    due = _pause(walk, message, outcome)
    if any(name not in message.tried for name in message.via if name != message.channel):
        due = min(due, over)
    reason = Reason("retry", f"{outcome.reason} (attempt {message.attempt})")
    walk.record("retried", message=message, reason=reason, channel=message.channel, until=due)
    if message.doubted:
        message.attempt -= 1
    requeue(walk, message, message.channel, due)


def _again(walk: Walk, message: Message, outcome: SendOutcome) -> None:
    """Nobody can say whether it arrived, and it must: the same attempt once more, which still counts in caps."""
    _doubt(walk, message)
    due = _pause(walk, message, outcome)
    reason = Reason("unknown", f"{outcome.reason or 'nobody can say whether it arrived'}; sent again, with the same id")
    walk.record("retried", message=message, reason=reason, channel=message.channel, until=due)
    message.attempt -= 1
    requeue(walk, message, message.channel, due)


def _doubt(walk: Walk, message: Message) -> None:
    """The attempt may have arrived: that it is refused when it is made again takes nothing back."""
    if not message.unsure:  # what it was refused before says nothing of how often it may have arrived
        message.retries = 0
    message.unsure, message.doubted = True, caps.counted_at(walk.profile, _attempt(message)) or walk.now


def _pause(walk: Walk, message: Message, outcome: SendOutcome) -> int:
    """When the next attempt is due (epoch ms). The jitter is a hash of the attempt: a replay gives the same instant."""
    pause = BACKOFF[min(message.retries, len(BACKOFF) - 1)] * (
        1 + 0.25 * share("retry", f"{message.id}:{message.attempt}")
    )
    message.retries += 1
    message.status = "planned"
    return walk.now + int(max(pause, outcome.retry_after or 0) * SECOND)


def _release(walk: Walk, message: Message) -> None:
    if message.doubted:  # this call has not arrived, an earlier one with this very id may have
        caps.reset(walk.profile, _attempt(message), message.doubted)
    else:
        caps.release(walk.profile, _attempt(message))


def _next_channel(walk: Walk, message: Message, why: str) -> None:
    _release(walk, message)
    message.tried[message.channel] = why
    message.status, message.retries, message.failing, message.doubted = "planned", 0, 0, 0
    reason = Reason("next_channel", why)
    walk.record("retried", message=message, reason=reason, channel=message.channel)
    others = [name for name in message.via if name not in message.tried]
    requeue(walk, message, others[0] if others else message.channel, walk.now)
