"""Whom the address of a page names: their story, and what all pages about them show."""

from __future__ import annotations

from typing import Any

from engine.console.looking import looked, nobody, seeing_people, voice
from engine.console.page import Ask
from engine.console.people.about import person
from engine.console.people.coming import planned
from engine.console.people.consent import addresses, consents
from engine.model.errors import UnknownProfile
from engine.runtime.explain import Story, explain


def story_of(ask: Ask, why_not: str = "") -> Story:
    """The story of whom the address names; looking at it is kept in the audit. Raises Refused 403, 404."""
    seeing_people(ask)
    try:
        story = explain(ask.engine, ask.path["profile"][:200], ask=why_not)
    except UnknownProfile as fault:
        raise nobody(ask, fault) from None
    looked(ask, story.profile.id)
    return story


def head(ask: Ask, story: Story) -> dict[str, Any]:
    """Who it is, what they agreed to, and what is planned: the values that all pages about a person have."""
    told, plan = voice(ask), ask.plan
    places, _ = ask.store.addresses.ask(addresses(story.profile, plan), [], 0)
    rows = consents(story.profile, plan, places, told, story.zone, story.now)
    coming = planned(story, told)
    return {
        "person": person(story, plan, rows, coming, told),
        "coming": coming,
        "further": len(story.planned) - len(coming),
        "rows": rows,
    }
