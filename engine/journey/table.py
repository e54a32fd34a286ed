"""What journeys have put on the table for whoever asks next, and what they keep off it."""

from __future__ import annotations

from engine.journey.walk import Walk
from engine.model.profile import Enrolment, Profile, Suggestion


def put(walk: Walk, suggestion: Suggestion) -> None:
    """Put an action on the table: it lies there once, the newest word counts."""
    kept = [each for each in walk.profile.suggestions if each.until > walk.now and each.action != suggestion.action]
    walk.profile.suggestions = [*kept, suggestion]


def keep_off(walk: Walk, suggestion: Suggestion) -> None:
    """Keep an action away. Another journey that does so as well has a word of its own."""
    who = _who(suggestion)
    kept = [each for each in walk.profile.silenced if each.until > walk.now and _who(each) != who]
    walk.profile.silenced = [*kept, suggestion]


def clear_table(walk: Walk, run: Enrolment) -> None:
    """Take back what `run` has put on the table or keeps off it."""
    profile = walk.profile
    profile.suggestions = [each for each in profile.suggestions if each.enrolment != run.id]
    profile.silenced = [each for each in profile.silenced if each.enrolment != run.id]


def unite_tables(keeper: Profile, other: Profile) -> None:
    """The tables of two customers who are one: of one action what lasts longest lies there; what is off stays off."""
    on = sorted((*keeper.suggestions, *other.suggestions), key=lambda each: each.until)
    keeper.suggestions = list({each.action: each for each in on}.values())
    off = sorted((*keeper.silenced, *other.silenced), key=lambda each: each.until)
    keeper.silenced = list({_who(each): each for each in off}.values())


def _who(each: Suggestion) -> tuple[str, str, str]:
    return each.action, each.enrolment, each.step
