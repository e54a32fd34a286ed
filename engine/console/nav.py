"""The way around: the pages that are always one click away, in the order in which they are wanted."""

from __future__ import annotations

from engine.api.auth import Scope
from engine.console.words import N_

# (name, which is also that of its icon; text; path; what one must be good for)
NAV: tuple[tuple[str, str, str, Scope], ...] = (
    ("overview", N_("Overview"), "/", "read"),
    ("journeys", N_("Journeys"), "/journeys", "read"),
    ("people", N_("People"), "/people", "read"),
    ("messages", N_("Messages"), "/messages", "read"),
    ("decisions", N_("Decisions"), "/decisions", "read"),
    ("time", N_("Time machine"), "/machine", "author"),
    ("reports", N_("Reports"), "/reports", "read"),
    ("health", N_("Health"), "/health", "read"),
    ("audit", N_("Audit"), "/audit", "read"),
)

# What shows people: only to whoever may see them (see engine/console/looking.py).
PERSONAL = frozenset(("people",))


def current(path: str) -> str:
    """The name of the entry under which a page is found."""
    first = path.strip("/").partition("/")[0]
    return next((name for name, _, where, _ in NAV if where.strip("/") == first), "")
