"""Contact policy: what holds messages back holds actions back as well, and an action's own rests and caps."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.decide.control import kept_from
from engine.decide.look import Look, said_at
from engine.model.action import STAYS, Action
from engine.model.flags import EVERYTHING
from engine.model.policy import Purpose
from engine.policy.bucket import held_out
from engine.policy.caps import concerned, first_full, says
from engine.policy.consent import refused_by_consent, unreachable
from engine.policy.suppression import refused_by_suppression
from engine.policy.verdict import Refusal
from engine.policy.wallclock import add, customer_zone, iso


def refused(look: Look, action: Action) -> Refusal | None:
    """The first word against showing `action` now, in the gate's order; None when there is none."""
    purpose, flags, profile = look.plan.policies.purposes[action.purpose], look.flags, look.profile
    if (flags.paused or flags.killed) and (refusal := _stopped(look, action)) is not None:
        return refusal
    if (refusal := _once(look, "held out", purpose, _held_out)) is not None:
        return refusal
    if (refusal := kept_from(look, action, purpose)) is not None:
        return refusal
    return (
        _once(look, "purpose", purpose, _of_purpose)
        or (_silenced(look, action) if profile.silenced else None)
        or (_said(look, action) if look.asked.via else None)
        or (_rests(look, action) if action.rests else None)
        or (_caps(look, action, purpose) if profile.ledger else None)
    )


def _once(look: Look, of: str, purpose: Purpose, find: Callable[[Look, Purpose], Refusal | None]) -> Refusal | None:
    """What is the same for every action of a purpose is found for the first of them."""
    key = (of, purpose.name)
    if key not in look.purposes:
        look.purposes[key] = find(look, purpose)
    return look.purposes[key]


def _of_purpose(look: Look, purpose: Purpose) -> Refusal | None:
    """What refuses every action of a purpose: consent, or what suppresses it."""
    found = _no_channel(look, purpose) if look.asked.via else _consent(look, purpose)
    return found or refused_by_suppression(look.profile, look.plan.policies, purpose, look.now, look.scope)


def _stopped(look: Look, action: Action) -> Refusal | None:
    suggestion = look.table.get(action.name)
    journey = suggestion.journey if suggestion is not None else EVERYTHING
    if look.flags.kills(journey) or look.flags.pauses(journey):
        word = "killed" if look.flags.kills(journey) else "paused"
        return Refusal(word, "everything" if journey == EVERYTHING else journey)
    return None


def _held_out(look: Look, purpose: Purpose) -> Refusal | None:
    """Those whom no marketing reaches see none either; that a journey's own holdout walks silently is its affair.

    Of visitors whom nobody knows, each question is somebody else's.
    """
    if purpose.transactional or look.asked.silent:
        return None
    who = msgspec.structs.replace(look.profile, id=look.asked.nobody) if look.asked.nobody else look.profile
    word = held_out(who, "*", 0.0, look.plan.policies.global_holdout, look.now)
    return Refusal(word, f"{purpose.name} does not reach this customer") if word else None


def _consent(look: Look, purpose: Purpose) -> Refusal | None:
    """Where a customer looks or a person speaks nobody has to agree first, but whoever refused is left alone."""
    if purpose.transactional:
        return None
    consent = look.profile.consent.get(f"{look.placement.channel}/{purpose.name}")
    if consent is None or consent.state == "granted":
        return None
    observed = f"{look.placement.channel} for {purpose.name} was {consent.state} {iso(consent.at)}"
    return Refusal("consent", observed, place=purpose.place)


def _no_channel(look: Look, purpose: Purpose) -> Refusal | None:
    """As a message it needs a channel that leads to the customer and that they agreed to; where it is shown else
    does not matter."""
    said = []
    for name in look.asked.via:
        channel = look.plan.channels[name]
        refusal = unreachable(look.profile, channel) or refused_by_consent(look.profile, channel, purpose)
        if refusal is None:
            return None
        said.append(refusal)
    words = {refusal.rule for refusal in said}
    observed = "; ".join(refusal.observed for refusal in said)
    return Refusal(words.pop() if len(words) == 1 else "no_channel", observed, place=said[0].place)


def _silenced(look: Look, action: Action) -> Refusal | None:
    """What a journey keeps off, whoever suggests it."""
    for each in look.profile.silenced:
        if each.action == action.name and look.now < each.until and each.at(look.placement.name):
            observed = f"{each.journey} keeps it off until {iso(each.until)}"
            return Refusal("suppressed", observed, place=said_at(look.plan, each))
    return None


def _said(look: Look, action: Action) -> Refusal | None:
    """As a message it is said once while it stays the answer."""
    for entry in look.profile.ledger:
        own = bool(look.asked.message) and entry.id.startswith(look.asked.message)
        if entry.action == action.name and not own and entry.at > look.now - STAYS:
            return Refusal("duplicate", f"it left by {entry.channel} {iso(entry.at)}")
    return None


def _rests(look: Look, action: Action) -> Refusal | None:
    offer = look.profile.offers.get(action.name)
    if offer is None:
        return None
    zone = customer_zone(look.profile, look.plan.policies)
    for rest in action.rests:
        said = offer.said.get(rest.after)
        if said is not None and look.now < add(said, rest.span, zone):
            observed = f"{rest.after} {iso(said)}, rests {rest.span.text}"
            return Refusal("rest", observed, place=rest.place)
    return None


def _caps(look: Look, action: Action, purpose: Purpose) -> Refusal | None:
    """The action's own caps count how often it was shown; those of the policies count it among all messages.

    What was shown and stays the answer does not count against itself, except for a message: it would say it again.
    """
    profile, policies, asked = look.profile, look.plan.policies, look.asked
    if not (action.caps or policies.caps):
        return None
    ledger = [entry for entry in profile.ledger if not asked.message or not entry.id.startswith(asked.message)]
    own = [entry for entry in ledger if says(entry, action.name)]
    if not asked.via and own and kept(look, action):
        since = profile.offers[action.name].since
        own = [entry for entry in own if entry.at < since]
        ledger = [entry for entry in ledger if entry.at < since or not says(entry, action.name)]
    caps = [] if purpose.transactional else policies.caps
    refusals = [first_full(action.caps, own, profile, policies, look.now)]
    if refusals[0] is None:
        # a message leaves by any channel that has room
        refusals = [
            first_full(concerned(caps, channel, purpose.name, action.tags), ledger, profile, policies, look.now)
            for channel in (_open(look, purpose) or [look.placement.channel])
        ]
    return refusals[0] if all(refusals) else None


def _open(look: Look, purpose: Purpose) -> list[str]:
    """The channels of a message by which it may reach the customer."""
    channels = [look.plan.channels[name] for name in look.asked.via]
    return [
        each.name
        for each in channels
        if not unreachable(look.profile, each) and not refused_by_consent(look.profile, each, purpose)
    ]


def kept(look: Look, action: Action) -> bool:
    """Whether it was shown before and stays the answer for a while, until it is answered."""
    offer = look.profile.offers.get(action.name)
    return offer is not None and look.now < offer.until
