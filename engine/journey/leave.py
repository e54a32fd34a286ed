"""Leaving: the whole gate, the choice of the channel, rendering, the reservation.

Order of the gate: paused or killed > exit > holdout > duplicate > time to live > consent > suppression >
quiet hours > caps (> rate, which the edge takes before it asks). Each refusal keeps rule, place and what
was observed.
"""

from __future__ import annotations

from engine.journey.best import still_best
from engine.journey.calls import begin_call
from engine.journey.conclude import conclude
from engine.journey.later import LOOK_AGAIN_RESTING, expiry, falls_back, look_again, wait_for_provider
from engine.journey.messages import close, requeue, sending_of
from engine.journey.moves import take_along
from engine.journey.night import refused_by_quiet
from engine.journey.runs import end, exit_reason
from engine.journey.steps.send import Choosing
from engine.journey.stops import heed, hold_up, killed
from engine.journey.walk import Walk
from engine.journey.whom import address_of, refused
from engine.journey.wording import Render, render_message
from engine.model.address import UNHEARD_OF, Book, nothing_known
from engine.model.flags import NO_FLAGS, Flags
from engine.model.ids import attempt_id
from engine.model.message import Counted, Message, Outgoing, Rendered
from engine.model.plan import Plan
from engine.model.policy import Purpose
from engine.model.profile import Enrolment, Profile
from engine.model.record import Reason
from engine.model.span import MINUTE
from engine.policy import caps
from engine.policy.suppression import refused_by_suppression
from engine.policy.verdict import Refusal
from engine.policy.wallclock import iso

LOOK_AGAIN_UNAVAILABLE = 5 * MINUTE


def leave(
    plan: Plan,
    profile: Profile,
    message_id: str,
    now: int,
    render: Render,
    flags: Flags = NO_FLAGS,
    book: Book = nothing_known,
) -> Walk:
    """Ask the gate about one planned message at engine time `now`.

    When it may leave, `walk.outgoing` is what to hand to the provider, the message is `sending` and its
    place in the caps is reserved; the caller commits that before it calls the provider, and `settle`s
    afterwards. Otherwise the message is held, put into another channel's outbox, or has come to its end.
    `render(message, channel, locale, roots)` may raise RenderFailed. `book` tells what is known of an address.
    """
    walk = Walk(plan, profile, now, flags)
    if profile.into:  # it is being merged: what is planned leaves from its new home
        return walk
    heed(walk, asked=message_id)
    take_along(walk)
    message = profile.messages.get(message_id)
    if message is not None and message.status == "planned":
        if message.call:
            begin_call(walk, message)
        else:
            _ask(walk, message, render, book)
    return conclude(walk)


def _ask(walk: Walk, message: Message, render: Render, book: Book) -> None:
    plan, profile, now = walk.plan, walk.profile, walk.now
    purpose = plan.policies.purpose(message.purpose)
    run = profile.enrolments.get(message.enrolment)
    if _stopped(walk, message, run, purpose):
        return
    if _nothing_to_say(walk, message, run):
        return
    purpose = plan.policies.purpose(message.purpose)
    while True:
        channel = _choose(walk, message, purpose, book)
        if channel is None:
            return
        refusal = refused_by_quiet(walk, message, purpose, channel) or caps.refused_by_caps(
            profile, plan.policies, purpose, channel, now, _spec(walk, message, "on_cap"), message.tags, message.id
        )
        if refusal is None:
            if channel != message.queue:
                # its rate tokens belong to another channel: let that channel's outbox take it
                requeue(walk, message, channel, now)
                return
            rendered = render_message(walk, message, run, channel, render, book)
            if rendered is not None:
                _begin(walk, message, purpose, channel, rendered)
                return
        elif refusal.then == "next_channel":
            message.tried[channel] = str(refusal.reason)
        else:
            _refuse(walk, message, run, refusal, channel)
            return


def _nothing_to_say(walk: Walk, message: Message, run: Enrolment | None) -> bool:
    """Whether the best action of a placement is none any more, when nothing has been tried yet."""
    journey = walk.journey(run) if run is not None and message.action and not message.attempt else None
    step = journey.steps.get(message.step) if journey is not None else None
    if run is None or step is None or not isinstance(step.spec, Choosing):
        return False
    reason = still_best(walk, message, run, step)
    if reason is not None:
        close(walk, message, "refused", reason)
    return reason is not None


def _spec(walk: Walk, message: Message, name: str) -> str:
    """What the step itself says about quiet hours or caps; '' when it says nothing."""
    spec = sending_of(walk, message)
    return getattr(spec, name) if spec is not None else ""


def _stopped(walk: Walk, message: Message, run: Enrolment | None, purpose: Purpose) -> bool:
    """The part of the gate that needs no channel. True: the message does not leave now."""
    policies, now = walk.plan.policies, walk.now
    if walk.flags.kills(message.journey):
        close(walk, message, "refused", killed(message.journey))
        return True
    if walk.flags.pauses(message.journey):
        hold_up(walk, message)
        return True
    if run is None:
        close(walk, message, "cancelled", Reason("exit", "its journey has ended"))
        return True
    reason = exit_reason(walk, run)
    if reason is not None:
        end(walk, run, reason)
        return True
    if run.held_out and not purpose.transactional:
        close(walk, message, "held_out", Reason(run.held_out, f"{run.journey}: assigned at its start"))
        return True
    if any(
        each.committed and each.id.startswith(message.id) and each.channel not in message.tried
        for each in walk.profile.ledger
    ):
        close(walk, message, "refused", Reason("duplicate", f"{message.id} has left before"))
        return True
    until = expiry(walk, message)
    if now > until:
        close(walk, message, "expired", Reason("time_to_live", f"it had to leave by {iso(until)}"))
        return True
    refusal = refused_by_suppression(walk.profile, policies, purpose, now, walk.scope())
    if refusal is not None:
        close(walk, message, "refused", refusal.reason, place=refusal.place)
        return True
    return False


def _choose(walk: Walk, message: Message, purpose: Purpose, book: Book) -> str | None:
    """The first channel that is reachable, consented and not tried in vain; None: the message has been dealt with."""
    seen: list[str] = []
    waiting = ""
    for name in message.via:
        channel = walk.plan.channels[name]
        if name in message.tried:
            seen.append(f"{name} {message.tried[name]}")
            continue
        written = address_of(walk.plan, walk.profile, message, channel)
        address = None if channel.shared else channel.normalise(written)
        standing = book(name, address) if address is not None else UNHEARD_OF
        refusal = refused(walk.plan, walk.profile, message, channel, purpose, standing)
        resting = refusal is None and name in walk.flags.resting
        if resting and walk.now < falls_back(walk, message):
            requeue(walk, message, name, look_again(walk, message, LOOK_AGAIN_RESTING))
            return None
        if resting or (refusal is None and name in walk.flags.down):
            waiting = waiting or name
            seen.append(f"{name} unhealthy")
            continue
        if refusal is None and standing.taken_by and not purpose.transactional:
            observed = f"customer.{channel.address} got {message.name} as {standing.taken_by}'s within a day"
            close(walk, message, "refused", Reason("duplicate", observed))
            return None
        if refusal is None:
            return name
        seen.append(f"{name} {refusal.reason}")
    if waiting:
        wait_for_provider(walk, message, waiting, "; ".join(seen))
        return None
    down = [name for name, why in message.tried.items() if why.startswith("unavailable")]
    if down:
        # nobody refused for good: keep trying until the time to live is over
        for name in down:
            del message.tried[name]
        requeue(walk, message, down[0], look_again(walk, message, LOOK_AGAIN_UNAVAILABLE))
        return None
    close(walk, message, "refused", Reason("no_channel", "; ".join(seen)))
    return None


def _refuse(walk: Walk, message: Message, run: Enrolment | None, refusal: Refusal, channel: str) -> None:
    message.channel = channel
    if refusal.then != "hold" or refusal.until is None:
        close(walk, message, "refused", refusal.reason, place=refusal.place, stop=refusal.then == "stop")
        return
    if refusal.until > expiry(walk, message):
        observed = f"held by {refusal.rule} until {iso(refusal.until)}, after its time to live"
        close(walk, message, "expired", Reason("time_to_live", observed, str(refusal.place)))
        return
    message.status, message.due, message.queue = "held", refusal.until, channel
    walk.record("held", run=run, message=message, reason=refusal.reason, channel=channel, until=refusal.until)


def _begin(walk: Walk, message: Message, purpose: Purpose, channel: str, rendered: Rendered) -> None:
    message.status, message.channel = "sending", channel
    message.attempt += 1
    counted = Counted(
        attempt_id(message.id, channel, message.attempt),
        walk.now,
        channel,
        purpose.name,
        message.name,
        tags=message.tags,
        action=message.action,
    )
    caps.reserve(walk.profile, walk.plan.policies, counted)
    walk.outgoing = outgoing(walk, message, rendered)


def outgoing(walk: Walk, message: Message, rendered: Rendered) -> Outgoing:
    """The attempt that a message in `sending` stands for."""
    return Outgoing(
        attempt_id=attempt_id(message.id, message.channel, message.attempt),
        message_id=message.id,
        profile=walk.profile.id,
        label=walk.profile.label,
        journey=message.journey,
        step=message.step,
        message=message.name,
        channel=message.channel,
        address=address_of(walk.plan, walk.profile, message, walk.plan.channels[message.channel]),
        purpose=message.purpose,
        at=walk.now,
        expires=message.expires,
        rendered=rendered,
        to=message.to,
    )
