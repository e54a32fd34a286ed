"""What journeys have put on the table for whoever asks next, and what they keep off it."""

from __future__ import annotations

from engine.journey.walk import Walk
from engine.model.profile import Enrolment, Profile, Suggestion

# More than these of one customer are the slips of somebody's pen: the oldest are forgotten.
MOST_SAID = 200


def put(walk: Walk, suggestion: Suggestion) -> None:
    """Put an action on the table. Of what several journeys say of it the newest counts, while that lasts."""
    walk.profile.suggestions = _said(walk.profile.suggestions, suggestion, walk.now)


def keep_off(walk: Walk, suggestion: Suggestion) -> None:
    """Keep an action away. Another journey that does so as well has a word of its own."""
    walk.profile.silenced = _said(walk.profile.silenced, suggestion, walk.now)


def clear_table(walk: Walk, run: Enrolment) -> None:
    """Take back what `run` has put on the table or keeps off it."""
    profile = walk.profile
    profile.suggestions = [each for each in profile.suggestions if each.enrolment != run.id]
    profile.silenced = [each for each in profile.silenced if each.enrolment != run.id]


def unite_tables(keeper: Profile, other: Profile) -> None:
    """The tables of two customers who are one: all that was said of actions, what lasts longest last."""
    keeper.suggestions = sorted((*keeper.suggestions, *other.suggestions), key=lambda each: (each.until, each.action))
    keeper.silenced = sorted((*keeper.silenced, *other.silenced), key=lambda each: (each.until, each.action))


def _said(many: list[Suggestion], one: Suggestion, now: int) -> list[Suggestion]:
    """`many` with `one` as the newest: what its own run said of the action before is replaced, what is over is gone."""
    kept = [each for each in many if each.until > now and (each.action, each.enrolment) != (one.action, one.enrolment)]
    return [*kept, one][-MOST_SAID:]
