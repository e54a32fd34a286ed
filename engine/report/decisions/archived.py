"""The decisions and events that an archive holds: older than what the logs still have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.model.decision import Decision
from engine.model.event import Event
from engine.report.archive.place import Place
from engine.report.archive.reading import connect
from engine.report.decisions.logged import decision_of

PAGE = 10_000
_DECISIONS = """
SELECT id, decided AS at, placement, channel, plan, request, profile, snapshot, audience AS segment, arm, explore,
       context, shown, fallback, candidates, others, removed, figures
FROM decisions
"""
_EVENTS = """
SELECT profile, id, event AS name, happened AS at, received, coalesce(channel, '') AS channel,
       coalesce(note, '') AS note, depth, properties, identifiers
FROM events
WHERE NOT dead
"""
_PLAIN = ("context", "candidates", "removed", "figures")


def decisions_in(place: Place, folder: Path) -> Iterator[Decision]:
    """All decisions of the archive. `folder` keeps copies of what lies in a bucket. Raises SetupError without one."""
    for row in _rows(place, folder, _DECISIONS):
        for name in _PLAIN:
            row[name] = msgspec.json.decode(row[name]) if row[name] else None
        yield decision_of(row)


def events_in(place: Place, folder: Path, names: frozenset[str] = frozenset()) -> Iterator[tuple[str, Event]]:
    """The events of the archive with whose they are; only those of these names, if any are given."""
    chosen = f" AND event IN ({', '.join('?' * len(names))})" if names else ""
    for row in _rows(place, folder, _EVENTS + chosen, sorted(names)):
        profile = row.pop("profile")
        row["profile"] = msgspec.json.decode(row.pop("identifiers") or "{}")
        row["properties"] = msgspec.json.decode(row["properties"] or "{}")
        yield profile, msgspec.convert(row, Event)


def _rows(place: Place, folder: Path, query: str, given: list[str] | None = None) -> Iterator[dict[str, Any]]:
    db = connect(place, folder)
    try:
        found = db.execute(query, given or [])
        names = [each[0] for each in found.description or ()]
        while page := found.fetchmany(PAGE):
            for values in page:
                yield dict(zip(names, values, strict=True))
    finally:
        db.close()
