"""What lies on the table for a customer: suggestions of journeys that still last."""

from __future__ import annotations

from engine.model.profile import Profile, Suggestion


def on_table(profile: Profile, placement: str, now: int) -> list[Suggestion]:
    """The suggestions for `placement` that last beyond `now` (epoch ms), the newest first."""
    return [each for each in reversed(profile.suggestions) if each.until > now and placement in each.placements]
