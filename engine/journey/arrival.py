"""The time of an event, as far as its sender's clock can be believed."""

from __future__ import annotations

from msgspec.structs import replace

from engine.model.event import Event
from engine.model.span import MINUTE
from engine.policy.wallclock import iso

MOST_AHEAD = 5 * MINUTE


def arrive(event: Event, received: int) -> Event:
    """The event as it came in at `received` (epoch ms). More than 5 minutes ahead of that: it happened then."""
    if event.at <= received + MOST_AHEAD:
        return replace(event, received=received)
    note = f"at was {iso(event.at)}, ahead of its arrival"
    return replace(event, at=received, received=received, note=noted(event, note))


def noted(event: Event, note: str) -> str:
    """The event's note with one more."""
    return f"{event.note}; {note}" if event.note else note
