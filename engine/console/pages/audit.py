"""Who did what to this installation, and when."""

from __future__ import annotations

from engine.console.page import Ask, Page, Shown
from engine.console.plain import calm
from engine.console.words import N_
from engine.runtime.audit import entries, visits

MOST = 200
SHOWS = {"all": N_("Everything"), "done": N_("What was done"), "visits": N_("Who was here")}


def audit(ask: Ask) -> Shown:
    """The latest entries, the newest first; `show` chooses what was done, or who was there."""
    kind = ask.query.get("show", "all")
    kind = kind if kind in SHOWS else "all"
    found = (entries(ask.store, MOST) if kind != "visits" else []) + (visits(ask.store, MOST) if kind != "done" else [])
    shown = sorted(found, key=lambda each: -each.at)[:MOST]
    return ask.shown("audit.html", entries=shown, most=MOST, kind=kind, shows=SHOWS, calm=calm)


AUDIT = (Page("/audit", audit),)
