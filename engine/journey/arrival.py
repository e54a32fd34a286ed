"""What arrival does to an event: clocks that run ahead are put right, and it is said so."""

from __future__ import annotations

from msgspec.structs import replace

from engine.model.event import Event
from engine.model.span import MINUTE

MOST_AHEAD = 5 * MINUTE


def arrive(event: Event, received: int) -> Event:
    """The event as it arrives at `received` (epoch ms). An `at` more than 5 minutes ahead becomes the arrival."""
    if event.at > received + MOST_AHEAD:
        ahead = (event.at - received) // 1000
        return replace(event, received=received, at=received, note=f"its 'at' was {ahead} s ahead of its arrival")
    return replace(event, received=received) if event.received != received else event
