"""Putting a message into words: what its template is told, and what follows when it cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.journey.walk import Walk
from engine.journey.whom import address_of, locale_of
from engine.model.address import UNHEARD_OF, Book, nothing_known
from engine.model.errors import RenderFailed
from engine.model.message import Addressee, Message, Rendered
from engine.model.plan import ChannelFacts
from engine.model.profile import Enrolment
from engine.model.record import Reason
from engine.policy.tracking import tracked

Render = Callable[[str, str, str, Mapping[str, Any]], Rendered]


def render_message(
    walk: Walk, message: Message, run: Enrolment | None, channel: str, render: Render, book: Book = nothing_known
) -> Rendered | None:
    """The rendered message; None when it cannot be rendered: the channel is marked as tried."""
    plan = walk.plan
    start: Mapping[str, Any] = run.start if run is not None else {}
    event: Mapping[str, Any] = run.event if run is not None else {}
    context = message.data if message.action else {}
    roots: dict[str, Any] = {
        **walk.objects({**start, **context}, run.key if run is not None else ""),
        "customer": walk.customer,
        "start": start,
        "event": event,
        "context": context,
        "journey": message.journey,
        "message_id": message.id,
        "now": walk.now,
        "transactional": plan.policies.purpose(message.purpose).transactional,
        "to": _addressee(walk, message, plan.channels[channel], book),
    }
    try:
        return render(message.name, channel, locale_of(plan, walk.profile, message), roots)
    except RenderFailed as fault:
        reason = Reason(fault.code, fault.reason, fault.place)
        walk.record("retried", run=run, message=message, reason=reason, channel=channel)
        message.tried[channel] = f"{fault.code}: {fault.reason} ({fault.place})"
        return None


def _addressee(walk: Walk, message: Message, channel: ChannelFacts, book: Book) -> Addressee:
    address = address_of(walk.plan, walk.profile, message, channel)
    clicks = opens = False
    if walk.plan.policies.tracking is not None and not message.to:  # our own people are nobody's customers
        spelled = channel.normalise(address)
        standing = book(channel.name, spelled) if spelled is not None and not channel.shared else UNHEARD_OF
        clicks, opens = tracked(walk.profile, channel, walk.plan.policies, standing)
    theirs = "" if message.to else address  # so are the pages where a customer chooses
    return Addressee(message.id, walk.profile.id, channel.name, theirs, message.purpose, clicks, opens)
