"""What really went to a person, as it looked."""

from __future__ import annotations

from starlette.responses import Response

from engine.console.looking import looked, nobody, seeing_people, voice
from engine.console.page import Ask, Page, Shown, framed
from engine.console.people.letters import MOST, html_of, kept, letter
from engine.console.plain import calm
from engine.console.someone import head, story_of
from engine.model.errors import UnknownProfile
from engine.model.profile import Profile
from engine.policy.wallclock import customer_zone
from engine.render.preview.page import framed as without_requests
from engine.runtime.held import profile_of
from engine.runtime.voice import N_

GONE = N_("No copy of this message is kept: copies are kept for thirty days.")


def letters_page(ask: Ask) -> Shown:
    """The messages of which a copy is kept, the newest first."""
    story = story_of(ask)
    names = kept(ask.engine, story.profile)
    page = ask.number("page", 1, 10_000)
    shown = names[(page - 1) * MOST : page * MOST]
    found = [letter(ask.engine, name, voice(ask), story.zone) for name in shown]
    return ask.shown(
        "person_letters.html",
        tab="letters",
        letters=[each for each in found if each is not None],
        count=len(names),
        page=page,
        pages=max(1, -(-len(names) // MOST)),
        **head(ask, story),
    )


def letter_page(ask: Ask) -> Shown:
    """One message, as it looked."""
    profile = _profile(ask)
    name = _own(ask, profile)
    found = letter(ask.engine, name, voice(ask), customer_zone(profile, ask.plan.policies))
    if found is None:
        raise ask.missing(ask.gettext(GONE))
    return ask.shown("person_letter.html", profile=profile, label=calm(profile.label, 100), letter=found)


def frame(ask: Ask) -> Response:
    """The e-mail itself, for a frame in which nothing runs and nothing is fetched."""
    profile = _profile(ask)
    html = html_of(ask.engine, _own(ask, profile))
    if html is None:
        raise ask.missing(ask.gettext(GONE))
    return framed(without_requests(html))


def _profile(ask: Ask) -> Profile:
    seeing_people(ask)
    try:
        profile = profile_of(ask.engine, ask.path["profile"][:200])
    except UnknownProfile as fault:
        raise nobody(ask, fault) from None
    looked(ask, profile.id)
    return profile


def _own(ask: Ask, profile: Profile) -> str:
    """The message of the address. Raises Refused 404 when it is not one of this person's."""
    name = ask.path["message"]
    if name not in kept(ask.engine, profile):
        raise ask.missing(ask.gettext(GONE))
    return name


LETTERS = (
    Page("/people/{profile}/messages", letters_page),
    Page("/people/{profile}/messages/{message}", letter_page),
    Page("/people/{profile}/messages/{message}/html", frame),
)
