"""Decisions: what any placement would answer about any person, and why everything else is out. Nothing comes of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.console.asked import answered
from engine.console.looking import looked, may_see_people, seeing_people, voice
from engine.console.moment import context_of, fields, free
from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.model.errors import UnknownProfile
from engine.model.words import Words
from engine.runtime.asking.question import Question
from engine.runtime.asking.rehearsal import rehearse
from engine.runtime.find import find
from engine.runtime.quotes import Quotes

LONGEST = 200


def decisions_page(ask: Ask) -> Shown:
    """Ask: `who` is the id of a person ('' for a stranger), `at` a placement, `c.NAME` what is said of the moment."""
    return _asked(ask, ask.query.get("who", "")[:LONGEST])


def whom(ask: Ask) -> Shown | Response:
    """Choose whom it is about, by any identifier; all else that was chosen stays."""
    seeing_people(ask)
    kept = {name: value for name, value in ask.form.items() if name not in ("csrf", "person", "who")}
    who = ask.form.get("person", "").strip()[:LONGEST]
    if not who:
        return ask.to("/decisions", **kept)
    try:
        return ask.to("/decisions", who=find(ask.store, ask.plan, who), **kept)
    except UnknownProfile as fault:
        return _asked(ask, "", who, voice(ask).tell(fault.words), 404)


def _asked(ask: Ask, who: str, written: str = "", wrong: str = "", status: int = 200) -> Shown:
    plan = ask.plan
    if who:
        seeing_people(ask)
    names = list(plan.placements)
    name = ask.query.get("at", "")
    name = name if name in plan.placements else next(iter(names), "")
    shown: dict[str, Any] = {
        "names": names,
        "at": name,
        "who": who,
        "written": written,
        "wrong": wrong,
        "sees": may_see_people(ask),
    }
    if not name:
        return ask.shown("decisions.html", answer=None, given=[], free=False, said="", slip="", label="", **shown)
    placement, said = plan.placements[name], ask.query.get("said", "")[:4_000]
    given = fields(plan, placement, ask.query)
    context, slip = context_of(given, said if free(plan) else "")
    question = Question((name,), profile=who, context=context, explain=True)
    made = rehearse(ask.engine, question)
    label = ""
    if who:
        if not made.known:
            raise ask.missing(UnknownProfile(who, Words("looked for it as the id of a customer")).words)
        looked(ask, made.profile.id)
        label = calm(made.profile.label, 100)
    return ask.shown(
        "decisions.html",
        status=status,
        answer=answered(made, Quotes(ask.store), voice(ask), ask.now),
        placement=placement,
        given=given,
        free=free(plan),
        said=calm(said, 4_000),
        slip=slip,
        label=label,
        **shown,
    )


DECISIONS = (Page("/decisions", decisions_page), Page("/decisions", whom, does=True))
