"""Who did what to this installation, and when."""

from __future__ import annotations

from engine.console.page import Ask, Page, Shown
from engine.runtime.audit import entries

MOST = 200


def audit(ask: Ask) -> Shown:
    """The latest entries, the newest first."""
    return ask.shown("audit.html", entries=entries(ask.store, MOST), most=MOST)


AUDIT = (Page("/audit", audit),)
