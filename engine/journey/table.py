"""What lies on the table for a customer: suggestions of journeys that still last."""

from __future__ import annotations

from engine.model.plan import Placement
from engine.model.profile import Profile, Suggestion


def on_table(profile: Profile, placement: str, now: int) -> list[Suggestion]:
    """The suggestions for `placement` that last beyond `now` (epoch ms), the newest first."""
    return [each for each in reversed(profile.suggestions) if each.until > now and placement in each.placements]


def answer(profile: Profile, placement: Placement, now: int) -> list[str]:
    """The actions that whoever asks for `placement` is told: the newest, as many as it shows, else its fallback."""
    actions = [each.action for each in on_table(profile, placement.name, now)][: placement.show]
    return actions or ([placement.fallback] if placement.fallback else [])
