"""The time machine: a person's real history, or a file, under a draft, beside what is deployed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api.limit import Limit
from engine.console.archived import archive_of
from engine.console.aside import Aside
from engine.console.beside import beside
from engine.console.drafts import choices, draft, editable
from engine.console.history import lines_of
from engine.console.looking import looked, may_see_people, seeing_people, voice
from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.console.tryout import Tryout, keep, kept
from engine.model.errors import SetupError, UnknownProfile
from engine.model.span import DAY, HOUR
from engine.policy.wallclock import customer_zone
from engine.runtime.find import find
from engine.runtime.held import profile_of
from engine.runtime.plans import sources_of
from engine.runtime.voice import N_

ASIDE = Aside()
TRIES = Limit(30)
AHEAD = 30 * DAY  # how far beyond now it goes on, as if nothing else happened
DAYS = {"archive30": 30, "archive90": 90, "archive365": 365}
LONGEST = 200
GONE = N_("This try is no longer kept: tries are kept for an hour. Begin another one.")


def machine_page(ask: Ask) -> Shown:
    """Choose whose history, and the draft."""
    return _form(ask)


def begin(ask: Ask) -> Shown | Response:
    """Keep what is tried out, and go to its page. Raises Refused 429: each try is kept for an hour."""
    TRIES.take(ask.session.who)
    who, upload = ask.form.get("person", "").strip()[:LONGEST], ask.form.get("upload", "").strip()
    file = upload or ask.form.get("file", "").strip()
    profile = ""
    if who and upload:
        return _form(ask, ask.gettext("Give either a person or a file, not both."))
    if who:
        seeing_people(ask)
        try:
            profile = find(ask.store, ask.plan, who)
        except UnknownProfile as fault:
            return _form(ask, voice(ask).tell(fault.words))
    elif not file:
        return _form(ask, ask.gettext("Say whose history it is about, or give the lines of a file."))
    name, changed = ask.form.get("draft", ""), ask.form.get("changes", "")
    try:
        sources = dict(draft(ask.store, ask.settings.workspace, ask.plan.fingerprint, name))
    except SetupError as fault:
        return _form(ask, voice(ask).tell(fault.words))
    text = ask.form.get("text", "").replace("\r\n", "\n")
    if changed not in editable(sources) or text == sources[changed]:
        changed = ""
    else:
        sources[changed] = text
    days = DAYS.get(ask.form.get("past", ""), 0) if who and archive_of(ask.settings) else 0
    tryout = Tryout(ask.session.who, profile, "" if who else file, _called(ask, name), changed, sources, days)
    return ask.to(f"/machine/{keep(ask.store, tryout)}")


def tried_page(ask: Ask) -> Shown:
    """Both sides, as soon as they are known."""
    found = kept(ask.store, ask.path["tryout"])
    if found is None:
        raise ask.missing(ask.gettext(GONE))
    plan, zone, label, until = ask.plan, ask.plan.policies.timezone, "", None
    events = found.file.splitlines()
    if found.profile:
        seeing_people(ask)
        try:
            profile = profile_of(ask.engine, found.profile)
        except UnknownProfile as fault:
            raise ask.missing(fault.words) from None
        looked(ask, profile.id)
        zone, label, until = customer_zone(profile, plan.policies), calm(profile.label, 100), ask.now + AHEAD
        events = lines_of(profile, plan)
    job = ASIDE.ask("machine", _question(ask, found, events, until))
    shown = None
    if job.done and not job.fault:
        was, would = (job.result[side]["records"] for side in ("before", "after"))
        shown = beside(was, would, zone, ask.now if found.profile else 2**62, voice(ask))
    return ask.shown("tried.html", tryout=found, label=label, events=len(events), job=job, beside=shown)


def _question(ask: Ask, found: Tryout, events: list[str], until: int | None) -> dict[str, Any]:
    """What engine.console.machine is asked: for an hour the same, though time goes on, or it would never be there."""
    if found.days:
        since = ask.now - ask.now % HOUR - found.days * DAY
        folder = str(ask.settings.state_path / "archive-copies")
        past = {"archive": archive_of(ask.settings), "folder": folder, "profile": found.profile, "since": since}
        return {"after": found.sources, **past, "locale": ask.locale}
    before = sources_of(ask.store, ask.plan.fingerprint) or {}
    asked = until - until % HOUR if until is not None else None
    return {"before": before, "after": found.sources, "events": events, "until": asked}


def _form(ask: Ask, wrong: str = "") -> Shown:
    deployed, given = ask.plan.fingerprint, {**ask.query, **ask.form}
    listed = choices(ask.store, ask.settings.workspace, deployed)
    name = given.get("draft", "")
    name = name if name in [each.name for each in listed] else listed[0].name
    try:
        sources = draft(ask.store, ask.settings.workspace, deployed, name)
    except SetupError as fault:
        sources, wrong = {}, wrong or voice(ask).tell(fault.words)
    files, changes = editable(sources), given.get("changes", "")
    changes = changes if changes in files else ""
    return ask.shown(
        "machine.html",
        status=422 if wrong and ask.form else 200,
        wrong=wrong,
        choices=listed,
        draft=name,
        files=files,
        changes=changes,
        text=sources.get(changes, ""),
        person=given.get("person", "")[:LONGEST],
        file=ask.form.get("file", ""),
        sees=may_see_people(ask),
        archived=bool(archive_of(ask.settings)),
    )


def _called(ask: Ask, name: str) -> str:
    found = choices(ask.store, ask.settings.workspace, ask.plan.fingerprint)
    return next(
        (
            ask.gettext("{rule}: {seen}").format(rule=ask.gettext(each.title), seen=each.called)
            for each in found
            if each.name == name
        ),
        name,
    )


MACHINE = (
    Page("/machine", machine_page, "author"),
    Page("/machine", begin, "author", does=True, uploads=True),
    Page("/machine/{tryout}", tried_page, "author"),
)
