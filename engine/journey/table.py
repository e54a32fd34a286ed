"""What lies on the table for a customer: suggestions of journeys that still last."""

from __future__ import annotations

import msgspec

from engine.journey.walk import Walk
from engine.model.plan import Placement, Plan
from engine.model.profile import Profile, Suggestion
from engine.policy.suppression import refused_by_suppression


def on_table(profile: Profile, placement: str, now: int) -> list[Suggestion]:
    """The suggestions for `placement` that last beyond `now` (epoch ms), the newest first."""
    return [each for each in reversed(profile.suggestions) if each.until > now and placement in each.placements]


def answer(plan: Plan, profile: Profile, placement: Placement, now: int) -> list[str]:
    """The actions that whoever asks for `placement` is told: the newest, as many as it shows, else its fallback.

    While their journey's purpose is suppressed they are not shown; they lie there until they are over.
    """
    lying = [each for each in on_table(profile, placement.name, now) if not _silent(plan, profile, each, now)]
    actions = [each.action for each in lying][: placement.show]
    return actions or ([placement.fallback] if placement.fallback else [])


def _silent(plan: Plan, profile: Profile, suggestion: Suggestion, now: int) -> bool:
    journey = plan.journeys.get(suggestion.journey)
    purpose = plan.policies.purposes.get(journey.purpose) if journey is not None else None
    if purpose is None:
        return False
    aside = msgspec.structs.replace(profile, suppressed=dict(profile.suppressed))  # whoever asks changes nothing
    return refused_by_suppression(aside, plan.policies, purpose, now, Walk(plan, aside, now).scope()) is not None
