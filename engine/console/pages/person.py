"""One person: their story, what is planned, what they agreed to, what is known of them."""

from __future__ import annotations

from collections.abc import Hashable

from engine.console.looking import voice
from engine.console.page import Ask, Page, Shown
from engine.console.people.coming import offered, on_the_table
from engine.console.people.letters import kept
from engine.console.people.signs import SHOWS
from engine.console.people.story import past
from engine.console.plain import calm
from engine.console.someone import head, story_of
from engine.model.ids import shard_of
from engine.runtime import keys
from engine.runtime.foretelling import asked_for
from engine.runtime.telling import observed


def story_page(ask: Ask) -> Shown:
    """The story with all its reasons, what is planned and what could still stop it, what is on the table."""
    asked = ask.query.get("why", "")
    asked = asked if asked in ask.plan.journeys else ""
    story = story_of(ask, asked)
    told, journey = voice(ask), ask.query.get("journey", "")[:200]
    kind = ask.query.get("show", "all")
    kind = kind if kind in SHOWS else "all"
    found = past(
        story,
        told,
        kind=kind,
        journey=journey,
        before=ask.query.get("before", ""),
        copies=frozenset(kept(ask.engine, story.profile)),
    )
    why = [
        (each, calm(f"{asked_for(each, told)} - {observed(each.seen, story.zone, story.now, told)}"),
         story.quotes.line(str(each.place), story.plan))
        for each in story.why_not or ()
    ]  # fmt: skip
    return ask.shown(
        "person.html",
        tab="story",
        past=found,
        kind=kind,
        journey=journey,
        first=not ask.query.get("before"),
        full=story.full,
        shows=[(name, title) for name, (title, _) in SHOWS.items()],
        table=on_the_table(story, told),
        offered=offered(story, told),
        asked=asked,
        why=why,
        journeys=sorted(ask.plan.journeys),
        **head(ask, story),
    )


def changes(ask: Ask) -> Hashable:
    """What is another whenever something has happened to the person, a plan was deployed, or something stopped."""
    name, pipe = ask.path["profile"][:200], ask.store.pipeline()
    pipe.hget(keys.profile(shard_of(name), name), "v")
    pipe.get(keys.PLAN)
    pipe.hgetall(keys.FLAGS)
    version, plan, stopped = pipe.execute()
    return version, plan, frozenset(stopped.items())


def consent_page(ask: Ask) -> Shown:
    """What they agreed to, channel by channel, and the proof of it."""
    return ask.shown("person_consent.html", tab="consent", **head(ask, story_of(ask)))


def profile_page(ask: Ask) -> Shown:
    """All that is known of them."""
    return ask.shown("person_profile.html", tab="profile", **head(ask, story_of(ask)))


PERSON = (
    Page("/people/{profile}", story_page, mark=changes),
    Page("/people/{profile}/consent", consent_page),
    Page("/people/{profile}/profile", profile_page),
)
