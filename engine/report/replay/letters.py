"""What a letter between customers is known by in both worlds: never by what it carries."""

from __future__ import annotations

from engine.runtime.blob import Arrival
from engine.runtime.orders import Bring, Give, HandOver, Order


def key_of(what: Arrival | Order) -> str:
    """The name of a letter: of the event, or of who is handed over to whom."""
    if isinstance(what, Arrival):
        return f"event {what.event.id}"
    if isinstance(what, HandOver):
        return f"hand_over {what.origin} {what.profile}"
    if isinstance(what, Give):
        return f"give {what.profile} {what.into} {what.id} {what.at}"
    return f"bring {what.arrival.event.id}" if isinstance(what, Bring) else f"erase {what.profile} {what.at}"
