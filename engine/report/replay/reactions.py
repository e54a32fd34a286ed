"""What really came of a message counts for the draft's only where that is the same message."""

from __future__ import annotations

from engine.model.event import Event
from engine.model.ids import parted
from engine.model.message import Outgoing
from engine.report.replay.was import Attempt

SAME_WITHIN = 3_600_000  # ms: how much earlier or later it may leave


def same(out: Outgoing, then: Attempt, now: int) -> bool:
    """Whether an attempt is the one of then, which has the same id: customer, journey, key, run, step, visit, channel
    and number of the attempt. Template, address and words must be the same too, and the instant within SAME_WITHIN."""
    return (
        out.message == then.name
        and out.address == then.address
        and out.rendered.parts == then.parts
        and abs(now - then.at) <= SAME_WITHIN
    )


def told_of(event: Event) -> tuple[str, str]:
    """The id of the message that an event is a reaction to, and the channel if it says so; '' for none."""
    for name in ("message", "prompt"):
        about = event.properties.get(name)
        if isinstance(about, str) and (found := parted(about))[0]:
            return found
    return "", ""
