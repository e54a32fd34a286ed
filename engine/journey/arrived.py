"""A message that was in doubt, and of which somebody reports that it arrived."""

from __future__ import annotations

from engine.journey.messages import departed, has_left, sending_of
from engine.journey.walk import Walk
from engine.model.event import ARRIVED, Event
from engine.model.ids import parted
from engine.model.record import Reason


def arrived(walk: Walk, event: Event) -> None:
    """End the doubt about a message: it was handed over and nobody heard the answer (its worker may be dead), or it
    waits to be sent once more. It has left, and is not sent again.
    """
    about = str(event.properties.get("message", ""))
    if event.name not in ARRIVED or not about:
        return
    id_, channel = parted(about)
    for message in list(walk.profile.messages.values()):
        by = message.channel or message.queue
        if message.id != id_ or message.call or (channel or event.properties.get("channel")) != by:
            continue
        if message.status != "sending" and not (message.unsure and message.status == "planned"):
            continue
        for entry in walk.profile.ledger:
            if entry.id.startswith(f"{message.id}-{by}-"):
                entry.committed = True
        message.unsure, message.doubted, message.channel = False, 0, by
        run = walk.profile.enrolments.get(message.enrolment)
        if run is not None:
            has_left(run, message, walk.now)
        spec = sending_of(walk, message)
        departed(walk, message, spec.try_next_after if spec is not None else None, Reason(event.name, about))
