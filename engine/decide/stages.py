"""The stages that take actions out of an answer, in their order: each says why, or nothing."""

from __future__ import annotations

from msgspec.structs import replace

from engine.decide.contact import kept, refused
from engine.decide.look import Look
from engine.model.action import Action, Removed
from engine.policy.bucket import share
from engine.policy.wallclock import iso


def placement(look: Look, action: Action) -> Removed | None:
    """Is it made for this place?"""
    if look.placement.name in action.placements or action.name in look.table:
        return None
    shown = ", ".join(sorted(action.placements)) or "what journeys suggest it for"
    return Removed(action.name, "placement", f"it is shown at {shown}", str(action.place))


def days(look: Look, action: Action) -> Removed | None:
    """Is this the time of its life, and has a journey put it on the table if it needs that?"""
    if action.since is not None and look.now < action.since:
        return Removed(action.name, "eligibility", f"it begins {iso(action.since)}", str(action.place))
    if action.until is not None and look.now >= action.until:
        return Removed(action.name, "eligibility", f"it ended {iso(action.until)}", str(action.place))
    if action.suggested and action.name not in look.table:
        return Removed(action.name, "eligibility", "no journey suggests it now", str(action.place))
    return None


def contact_policy(look: Look, action: Action) -> Removed | None:
    """May it be said to this customer now? What journeys' messages are asked as well."""
    refusal = refused(look, action)
    if refusal is None:
        return None
    place = str(refusal.place) if refusal.place.line else ""
    return Removed(action.name, "contact_policy", refusal.observed, place, refusal.rule)


def ramp(look: Look, action: Action) -> Removed | None:
    """Is it new, and not for everybody yet? Whoever may see it goes on to: the share only grows."""
    if action.ramp is None or not look.learned.draws:
        return None
    if action.mandatory or action.name in look.table or kept(look, action):
        return None
    since = action.since if action.since is not None else look.learned.first(look, action)
    reach = action.ramp.reach(since, look.now)
    at = share(f"ramp|{action.name}", look.asked.nobody or look.profile.id)
    if at < reach:
        return None
    begun = f"since {iso(since)}" if since is not None else "not shown yet"
    observed = f"new ({action.ramp.text}, {begun}): {reach:.3g} of the customers may see it, this one from {at:.3g} on"
    return Removed(action.name, "ramp", observed, str(action.ramp.place))


# What may stand as the reason why an action is left out: a stage, or a word of the contact policy.
WORDS = (
    *("placement", "eligibility", "applicability", "suitability", "contact_policy", "ramp"),
    "rendering",
    "time",
    "arbitration",
    *("paused", "killed", "holdout", "global_holdout", "control", "consent", "suppressed", "rest", "cap"),
    *("unreachable", "no_channel", "duplicate"),  # of send_best
)


def removed(look: Look, action: Action) -> Removed | None:
    """Why an action is not in the answer; None while it is.

    Its `lines` say whether they may have it (eligibility), whether it makes sense now (applicability), and whether it
    is good for them (suitability).
    """
    asked, scope = look.asked, look.scope
    if asked.without and action.name in asked.without:
        return asked.without[action.name]
    if not asked.brief and (found := placement(look, action)) is not None:
        return found
    if action.since is not None or action.until is not None or action.suggested:
        found = days(look, action)
        if found is not None:
            return found
    for line, brief in action.lines:
        if not line.holds(scope):
            return brief if asked.brief else replace(brief, observed=line.why(scope), place=str(line.place))
    return contact_policy(look, action) or ramp(look, action)
