"""Quiet hours: whether a message keeps quiet now, and what is held for the night when the rules become others."""

from __future__ import annotations

from typing import Any

from engine.journey.messages import requeue, sending_of
from engine.journey.walk import Walk
from engine.model.message import Message
from engine.model.policy import Purpose
from engine.policy.quiet import all_quiet_until, quiet_until
from engine.policy.verdict import Refusal
from engine.policy.wallclock import customer_zone


def refused_by_quiet(walk: Walk, message: Message, purpose: Purpose, channel: str) -> Refusal | None:
    """What quiet hours say of a message that wants to leave by a channel now; None when they let it."""
    spec = sending_of(walk, message)
    if purpose.transactional and not (spec is not None and spec.respect_quiet):
        return None
    zone = customer_zone(walk.profile, walk.plan.policies)
    own = spec.on_quiet if spec is not None else ""
    rules = [rule for rule in walk.plan.policies.quiet if channel in rule.channels]
    for rule in rules:
        if quiet_until(rule, zone, walk.now) is not None:
            then = _then(own or rule.on_quiet)
            # what another rule would hold as well is held on, in one go
            alike = [each for each in rules if _then(own or each.on_quiet) == then]
            until = all_quiet_until(alike, zone, walk.now)
            return Refusal("quiet_hours", f"{rule.text} in {zone}", then, until, rule.place)
    return None


def _then(word: str) -> Any:
    return word if word in ("hold", "next_channel", "skip", "stop") else "hold"


def let_go(walk: Walk) -> None:
    """Policies are always the newest: what today's would hold for less long, or not at all, is asked about again."""
    for message in walk.profile.messages.values():
        if message.status != "held" or message.due is None or message.journey in walk.profile.frozen:
            continue
        purpose = walk.plan.policies.purposes[message.purpose]
        refusal = refused_by_quiet(walk, message, purpose, message.queue)
        until = refusal.until if refusal is not None and refusal.then == "hold" else None
        if until is None or until < message.due:
            message.due, message.status = None, "planned"
            requeue(walk, message, message.queue, walk.now)
