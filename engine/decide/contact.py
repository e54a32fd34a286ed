"""Contact policy: what holds messages back holds actions back as well, and an action's own rests and caps."""

from __future__ import annotations

from engine.decide.control import kept_from
from engine.decide.look import Look
from engine.model.action import Action
from engine.model.flags import EVERYTHING
from engine.model.policy import Purpose
from engine.policy.bucket import held_out
from engine.policy.caps import concerned, first_full, shown
from engine.policy.suppression import refused_by_suppression
from engine.policy.verdict import Refusal
from engine.policy.wallclock import add, customer_zone, iso


def refused(look: Look, action: Action) -> Refusal | None:
    """The first word against showing `action` now, in the gate's order; None when there is none."""
    purpose = look.plan.policies.purposes[action.purpose]
    return (
        _stopped(look, action)
        or _held_out(look, action, purpose)
        or kept_from(look, action, purpose)
        or _consent(look, purpose)
        or refused_by_suppression(look.profile, look.plan.policies, purpose, look.now, look.scope)
        or _rests(look, action)
        or _caps(look, action, purpose)
    )


def _stopped(look: Look, action: Action) -> Refusal | None:
    suggestion = look.table.get(action.name)
    journey = suggestion.journey if suggestion is not None else EVERYTHING
    if look.flags.kills(journey) or look.flags.pauses(journey):
        word = "killed" if look.flags.kills(journey) else "paused"
        return Refusal(word, "everything" if journey == EVERYTHING else journey)
    return None


def _held_out(look: Look, action: Action, purpose: Purpose) -> Refusal | None:
    """Those whom no marketing reaches see none either; that a journey's own holdout walks silently is its affair."""
    if purpose.transactional:
        return None
    word = held_out(look.profile, "*", 0.0, look.plan.policies.global_holdout, look.now)
    return Refusal(word, f"{action.purpose} does not reach this customer") if word else None


def _consent(look: Look, purpose: Purpose) -> Refusal | None:
    """Where a customer looks or a person speaks nobody has to agree first, but whoever refused is left alone."""
    if purpose.transactional:
        return None
    consent = look.profile.consent.get(f"{look.placement.channel}/{purpose.name}")
    if consent is None or consent.state == "granted":
        return None
    observed = f"{look.placement.channel} for {purpose.name} was {consent.state} {iso(consent.at)}"
    return Refusal("consent", observed, place=purpose.place)


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

    What was shown and stays the answer does not count against itself.
    """
    profile, policies, name = look.profile, look.plan.policies, shown(action.name)
    since = profile.offers[action.name].since if kept(look, action) else None
    ledger = profile.ledger
    if since is not None:
        ledger = [entry for entry in ledger if not (entry.id.startswith(name) and entry.at >= since)]
    own = [entry for entry in ledger if entry.id.startswith(name)]
    caps = [] if purpose.transactional else policies.caps
    of_all = concerned(caps, look.placement.channel, purpose.name, action.tags)
    return first_full(action.caps, own, profile, policies, look.now) or first_full(
        of_all, ledger, profile, policies, look.now
    )


def kept(look: Look, action: Action) -> bool:
    """Whether it was shown before and stays the answer for a while, until it is answered."""
    offer = look.profile.offers.get(action.name)
    return offer is not None and look.now < offer.until
