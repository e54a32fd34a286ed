"""Health: what waits where, who works, what was set aside; what the doctor finds."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from weakref import WeakKeyDictionary

from starlette.responses import Response

from engine.api.problem import Refused
from engine.console.looking import may_see_people, voice
from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.console.rules import CHANNELS, KLASSES
from engine.console.stages import LATE, VERY_LATE, rates, stages
from engine.console.words import N_
from engine.model.errors import SetupError
from engine.runtime.dead import letter, letters, newest, replay
from engine.runtime.doctor.examine import examine
from engine.runtime.doctor.finding import Finding, Patient
from engine.runtime.logs import scrubbed
from engine.runtime.store import Store

MOST = 100  # dead letters on the page
LASTS = 10.0  # seconds: an examination asks everybody who works, and waits for their answers
_latest: WeakKeyDictionary[Store, tuple[float, list[Finding]]] = WeakKeyDictionary()
_one = threading.Lock()


def health(ask: Ask) -> Shown:
    """The stages as they stand now, and the dead letters."""
    found, count = newest(ask.store, MOST)
    return ask.shown(
        "health.html",
        stages=stages(ask.store),
        rates=rates(ask.store),
        level=_level,
        letters=found,
        all_letters=count,
        most=MOST,
        calm=calm,
        told=calm if may_see_people(ask) else _impersonal,
        channels=CHANNELS,
        klasses=KLASSES,
        again=ask.number("again", 0, 1_000_000) if "again" in ask.query else None,
    )


def _level(ms: float) -> str:
    return "bad" if ms > VERY_LATE else "warn" if ms > LATE else ""


def _impersonal(text: str, most: int) -> str:
    """A reason or a trace for who may not see people: it may quote what was sent."""
    return calm(scrubbed(text), most)


def examined(ask: Ask) -> Shown:
    """What the doctor finds, as `parcours doctor` says it: one examination at a time, for whoever asks meanwhile."""
    with _one:
        at, found = _latest.get(ask.store, (0.0, []))
        if not at or time.monotonic() - at > LASTS:
            found = list(examine(Patient(ask.store, ask.settings)))
            _latest[ask.store] = (time.monotonic(), found)
    told = voice(ask)
    findings = [
        replace(each, what=told.name(each.what), found=told.tell(each.found), do=told.tell(each.do)) for each in found
    ]
    return ask.shown("examined.html", findings=findings)


def again(ask: Ask) -> Response:
    """Take up one letter (`id`), or `all` of them."""
    one = ask.form.get("id", "")
    if not one and not ask.form.get("all"):
        raise Refused(422, "Which ones", N_("Say which letter, or that all are meant."))
    try:
        wanted = [letter(ask.store, one)] if one else letters(ask.store)
    except SetupError:  # somebody else has just done it
        wanted = []
    taken = replay(ask.store, wanted, by=ask.session.who)
    return ask.to("/health", again=str(taken))


HEALTH = (
    Page("/health", health, shared="session"),
    Page("/health/examined", examined),
    Page("/health/replay", again, "operate", does=True),
)
