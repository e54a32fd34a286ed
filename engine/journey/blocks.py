"""What must not leave any more from the moment an event is accepted, before it is processed.

A block is 'channel/purpose' or 'channel/*'. It closes the gap while the inbox lags; once the event has been
processed, consent itself says no and the block is lifted.
"""

from __future__ import annotations

from engine.journey.leave import leave
from engine.journey.walk import Walk
from engine.journey.wording import Render
from engine.model.address import DEAD, Book, Said, nothing_known
from engine.model.event import Event
from engine.model.flags import NO_FLAGS, Flags
from engine.model.plan import Plan
from engine.model.policy import INTERNAL, Purpose
from engine.model.profile import Profile
from engine.model.record import Reason

_WITHDRAWING = frozenset({"unsubscribed", "complained", "consent_changed", "bounced"})


def blocks_of(event: Event) -> tuple[str, ...]:
    """What this event withdraws."""
    if event.name not in _WITHDRAWING:
        return ()
    # the same reading as when it is processed: an event that names no channel speaks of the one it came by
    view = event.view()
    channel, purpose = view.get("channel"), view.get("purpose", "marketing")
    if not isinstance(channel, str) or not channel or not isinstance(purpose, str):
        return ()
    withdrawn = event.name in ("unsubscribed", "complained")
    if withdrawn or (event.name == "consent_changed" and view.get("state") == "denied"):
        return (f"{channel}/{purpose}",)
    return (f"{channel}/*",) if event.name == "bounced" and view.get("kind") == "hard" else ()


def said_of(plan: Plan, event: Event) -> Said | None:
    """What it withdraws for the address that it names, whoever it is: known before the event is processed."""
    address = event.properties.get("address")
    blocks = blocks_of(event)
    if not blocks or not isinstance(address, str):
        return None
    channel, _, purpose = blocks[0].partition("/")
    facts = plan.channels.get(channel)
    spelled = facts.normalise(address) if facts is not None and not facts.shared else None
    if spelled is None:
        return None
    return Said(channel, spelled, purpose, "dead" if purpose == DEAD else "denied", event.at, event.id)


def refusing(channel: str, purpose: Purpose) -> tuple[str, ...]:
    """The blocks that forbid a message: a transactional one only minds a dead address, and that of the customer is
    nothing to our own people."""
    if purpose is INTERNAL:
        return ()
    every = f"{channel}/*"
    return (every,) if purpose.transactional else (every, f"{channel}/{purpose.name}")


def leave_past_block(
    plan: Plan,
    profile: Profile,
    message_id: str,
    block: str,
    now: int,
    render: Render,
    flags: Flags = NO_FLAGS,
    book: Book = nothing_known,
) -> Walk:
    """Ask the gate again about a message whose channel was refused by `block`: the next channel, or its end."""
    message = profile.messages.get(message_id)
    if message is None or message.status != "planned":
        return Walk(plan, profile, now, flags)
    channel = block.partition("/")[0]
    reason = Reason("block", f"{block} was withdrawn by an event that is still to be processed")
    message.tried[channel] = str(reason)
    noted = Walk(plan, profile, now, flags)
    noted.record("retried", message=message, reason=reason, channel=channel)
    walk = leave(plan, profile, message_id, now, render, flags, book)
    walk.take_before(noted)
    return walk
