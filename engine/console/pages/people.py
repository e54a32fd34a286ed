"""People: find one by any identifier, and what has just happened to anybody."""

from __future__ import annotations

from starlette.responses import Response

from engine.console.looking import seeing_people, voice
from engine.console.page import Ask, Page, Shown
from engine.console.people.recent import recent
from engine.console.people.signs import SHOWS
from engine.model.errors import UnknownProfile
from engine.runtime.find import find

LONGEST = 200  # characters of what is looked for
CHOICES = ("all", "messages", "offers")


def people(ask: Ask) -> Shown:
    """The search, and the latest things that happened."""
    seeing_people(ask)
    return _shown(ask)


def search(ask: Ask) -> Shown | Response:
    """Go to whoever is looked for. What was looked for stands in no address: it may be an e-mail."""
    seeing_people(ask)
    who = ask.form.get("who", "").strip()
    if not who or len(who) > LONGEST:
        return _shown(ask, who[:LONGEST], ask.gettext("Write an identifier of up to 200 characters.") if who else "")
    try:
        return ask.to(f"/people/{find(ask.store, ask.plan, who)}")
    except UnknownProfile as fault:
        return _shown(ask, who, voice(ask).tell(fault.words), 404)


def _shown(ask: Ask, who: str = "", wrong: str = "", status: int = 200) -> Shown:
    kind = ask.query.get("show", "all")
    kind = kind if kind in CHOICES else "all"
    zone = ask.plan.policies.timezone
    return ask.shown(
        "people.html",
        status=status,
        who=who,
        wrong=wrong,
        kind=kind,
        choices=[(each, SHOWS[each][0]) for each in CHOICES],
        examples=", ".join(f"{name}:…" for name in list(ask.plan.vocabulary.identifiers)[:3]),
        happened=recent(ask.store, voice(ask), zone, ask.now, kind),
    )


PEOPLE = (Page("/people", people), Page("/people", search, does=True))
