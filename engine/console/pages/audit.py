"""Who did what to this installation, and when."""

from __future__ import annotations

from engine.console.looking import voice
from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.console.words import N_
from engine.runtime.audit import entries, visits

MOST = 200
# What is written down, and the names of its details.
WHATS = {
    "deploy": N_("release"),
    "pause": N_("pause"),
    "resume": N_("resumption"),
    "kill": N_("kill"),
    "refused": N_("refused"),
    "replay": N_("taken up again"),
    "merge": N_("merge"),
    "erase": N_("erasure"),
    "look": N_("look at a person"),
    "sign in": N_("sign-in"),
    "sign out": N_("sign-out"),
}
DETAILS = {
    "absorbed": N_("absorbed"),
    "before": N_("before"),
    "customer": N_("customer"),
    "forced": N_("forced"),
    "how": N_("how"),
    "journey": N_("journey"),
    "kept": N_("kept"),
    "letters": N_("letters"),
    "plan": N_("plan"),
    "taken_up": N_("taken up"),
    "tried": N_("tried"),
    "why": N_("why"),
}
SHOWS = {"all": N_("Everything"), "done": N_("What was done"), "visits": N_("Who was here")}


def audit(ask: Ask) -> Shown:
    """The latest entries, the newest first; `show` chooses what was done, or who was there."""
    kind = ask.query.get("show", "all")
    kind = kind if kind in SHOWS else "all"
    found = (entries(ask.store, MOST) if kind != "visits" else []) + (visits(ask.store, MOST) if kind != "done" else [])
    shown = sorted(found, key=lambda each: -each.at)[:MOST]
    told = voice(ask)
    return ask.shown(
        "audit.html",
        whats=WHATS,
        names=DETAILS,
        read=told.read,
        entries=shown,
        most=MOST,
        kind=kind,
        shows=SHOWS,
        calm=calm,
    )


AUDIT = (Page("/audit", audit),)
