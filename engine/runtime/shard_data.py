"""What goes into a shard and what comes out of it, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.runtime.blob import Arrival
from engine.runtime.orders import Order

MOST_MERGES = 50  # of one customer, one after the other


@dataclass(frozen=True, slots=True)
class Append:
    """One event or order for an inbox: `event` is the id it is known by, `blocks` what it withdraws.

    `what` is what `entry` encodes, for whoever has to send it on. `stays`: it is for this very profile, even when
    that was merged into another. `heed`: answers know of it at once, before it is processed.
    """

    profile: str
    event: str
    entry: bytes
    blocks: tuple[str, ...] = ()
    what: Arrival | Order | None = None
    stays: bool = False
    heed: bool = False


class Appended(NamedTuple):
    """`entry` is '' when nothing was appended: it was here before, or its profile has `moved` into that one."""

    entry: str
    moved: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a shard's inbox: an event (`blob`), an order, or a wake of `profile`."""

    shard: int
    id: str
    blob: bytes = b""
    profile: str = ""
    order: bytes = b""


class Opened(NamedTuple):
    """A shard that was taken: its fencing number, the parcels in its relay, whether a dead owner left entries
    unfinished (then none was read), and the next entries."""

    shard: int
    fence: int
    parcels: int
    left: bool
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Look:
    """What a shard has to do. Instants are epoch ms, None when there is none; `outs` by (channel, class)."""

    shard: int
    entries: int
    timer: int | None
    sending: int
    lease_end: int | None
    leased: bool
    outs: dict[tuple[str, str], int]
    parcels: int = 0

    def advance_due(self, now: int) -> bool:
        """Whether `advance` has work at engine time `now`."""
        return self.entries > 0 or self.parcels > 0 or (self.timer is not None and self.timer <= now)

    def channels_due(self, now: int) -> set[str]:
        """The channels with rows that may be looked at."""
        return {channel for (channel, _), first in self.outs.items() if first <= now}

    def idle(self, now: int, timers: int | None = None) -> bool:
        """Nothing to do before time passes. `timers`: those due after it wait all the same."""
        return not (
            self.advance_due(now if timers is None else timers) or self.sending or self.leased or self.channels_due(now)
        )

    def next_due(self) -> int | None:
        """The next engine time at which there is something to do, as far as the shard knows."""
        return min([*self.outs.values(), *([self.timer] if self.timer is not None else [])], default=None)


def read_look(shard: int, seen: Sequence[Any], places: Sequence[tuple[str, str]]) -> Look:
    """What the function `look` has answered; `places` names the outboxes in its order."""
    timer, lease_end, *outs = (int(float(score)) if score else None for score in (seen[1], seen[3], *seen[6:]))
    firsts = {place: first for place, first in zip(places, outs, strict=True) if first is not None}
    return Look(shard, int(seen[0]), timer, int(seen[2]), lease_end, bool(seen[4]), firsts, int(seen[5]))
