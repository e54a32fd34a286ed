"""Health: what waits where, who works, what was set aside; what the doctor finds."""

from __future__ import annotations

from starlette.responses import Response

from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.console.rules import CHANNELS, KLASSES
from engine.console.stages import LATE, VERY_LATE, rates, stages
from engine.runtime.dead import letter, letters, replay
from engine.runtime.doctor.examine import examine
from engine.runtime.doctor.finding import Patient

MOST = 100  # dead letters on the page


def health(ask: Ask) -> Shown:
    """The stages as they stand now, and the dead letters."""
    found = letters(ask.store)
    return ask.shown(
        "health.html",
        stages=stages(ask.store),
        rates=rates(ask.store),
        level=_level,
        letters=found[::-1][:MOST],
        all_letters=len(found),
        most=MOST,
        calm=calm,
        channels=CHANNELS,
        klasses=KLASSES,
        again=ask.number("again", 0, 1_000_000) if "again" in ask.query else None,
    )


def _level(ms: float) -> str:
    return "bad" if ms > VERY_LATE else "warn" if ms > LATE else ""


def examined(ask: Ask) -> Shown:
    """What the doctor finds, as `parcours doctor` says it."""
    return ask.shown("examined.html", findings=list(examine(Patient(ask.store, ask.settings))))


def again(ask: Ask) -> Response:
    """Take up one letter (`id`), or all of them."""
    one = ask.form.get("id", "")
    wanted = [letter(ask.store, one)] if one else letters(ask.store)
    taken = replay(ask.store, wanted, by=ask.session.who)
    return ask.to("/health", again=str(taken))


HEALTH = (
    Page("/health", health),
    Page("/health/examined", examined),
    Page("/health/replay", again, "operate", does=True),
)
