"""A customer's timeline: the last things that happened to them, with reasons, for `explain`.

A list in Redis, one small line for each, written by the commit that brought it about. Events that led to
nothing are not in it: the customer's history has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from engine.model.event import Event
from engine.model.record import Told

_encoder = msgspec.msgpack.Encoder()
_told = msgspec.msgpack.Decoder(Told)


def told_event(event: Event, now: int) -> Told:
    """The line of an event that led to something. `now` is when it was decided; `until`, when it happened."""
    return Told(at=now, kind="event", message=event.name, id=event.id, channel=event.channel, until=event.at)


def lines(story: Sequence[Told], plan: str, most: int) -> list[bytes]:
    """The last `most` lines of a commit under `plan`, as bytes."""
    made = []
    for line in story[-most:] if most else ():
        line.plan = plan
        made.append(_encoder.encode(line))
    return made


def read_timeline(kept: Iterable[bytes]) -> list[Told]:
    """The lines of a timeline, oldest first, as they were written."""
    return [_told.decode(line) for line in kept]
