"""Circuit breakers: one for each provider, shared by all processes.

A provider that keeps failing is left alone for a while instead of costing each message an attempt and a
time-out. It opens after a row of failures, or when half of many calls fail; after a pause one call probes,
and closes it or doubles the pause. State and time are the server's; a process counts what went well and
tells it only where a provider has failures, so that a healthy one costs nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from engine.journey.later import LOOK_AGAIN_DOWN, LOOK_AGAIN_RESTING
from engine.model.span import SECOND
from engine.runtime import keys

if TYPE_CHECKING:
    from engine.model.message import SendOutcome
    from engine.runtime.store import Store

IN_A_ROW = 5
OF_MANY, WINDOW_MS = 20, 30_000
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 5_000, 60_000
PROBE_MS = 30_000  # longer than a provider's time-out; a prober who dies holds the next one up for this long
FORGET_MS = 3_600_000  # a provider that was not called for so long may be there no more


class Breaker(msgspec.Struct, frozen=True):
    """What is known of a provider that has failed. Instants are server time, epoch ms; 0: none.

    row          failures in a row
    good, bad    calls of the window that began at `since`
    open         since when the breaker is open, 0 while it is closed
    ends, pause  when it may be probed, and how long this pause is (ms)
    probe        when the lease of a probe under way ends
    said, last   the latest failure: what was said, and when
    """

    row: int
    good: int
    bad: int
    since: int
    open: int
    ends: int
    pause: int
    probe: int
    said: str
    last: int

    def shut(self, now: int) -> bool:
        """Whether nobody may call now, not even to probe."""
        return self.open > 0 and max(self.ends, self.probe) > now

    def down(self, now: int, after: int) -> bool:
        """Whether nobody could call the provider for `after` ms."""
        return self.open > 0 and now - self.open >= after

    def spared(self, now: int) -> bool:
        """Whether this probe is for messages that have not failed yet: those have been looked at once when it ends."""
        look = LOOK_AGAIN_DOWN if self.pause >= LONGEST_PAUSE_MS else LOOK_AGAIN_RESTING
        return self.pause > FIRST_PAUSE_MS and now < self.ends + look + SECOND

    def word(self, now: int) -> str:
        """'closed', 'open', or 'half-open' while a probe may be or is made."""
        return "closed" if not self.open else "half-open" if self.ends <= now else "open"


_decoder = msgspec.msgpack.Decoder(Breaker)
Breakers = Mapping[str, Breaker]


def read_breakers(fields: Mapping[bytes, bytes]) -> Breakers:
    """The hash of all breakers, by provider."""
    return {name.decode(): _decoder.decode(packed) for name, packed in fields.items()}


class Guard:
    """Asks and tells the breakers of a store. Threads share one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._good: Counter[str] = Counter()
        self._heard: dict[str, int] = {}
        self._lock = threading.Lock()

    def states(self) -> Breakers:
        """Every provider that has failed lately, by name; one that is not here is well."""
        return read_breakers(self._store.redis.hgetall(keys.BREAKERS))

    def may_call(self, provider: str, known: Breakers, now: int, failed: bool = False) -> bool:
        """Whether to call this provider, by what was known at server time `now`; takes the probe where one is due.

        A message that has `failed` before lets the others go first: it may be what the provider cannot bear, and would
        take one probe after the other.
        """
        state = known.get(provider)
        if state is None or not state.open:
            return True
        return not state.shut(now) and not (failed and state.spared(now)) and self._tell(provider, probe=True)

    def heard(self, provider: str, outcome: SendOutcome, known: Breakers) -> None:
        """Count what a call of the provider came to."""
        if outcome.provider_fault:
            self._tell(provider, bad=1, said=outcome.reason)
            return
        state = known.get(provider)
        with self._lock:
            self._good[provider] += 1
            if state is None:
                return
            news = self._heard.get(provider) != state.last  # the first good one after a failure ends its row
            self._heard[provider] = state.last
            many = self._good[provider] >= OF_MANY
        if state.open or news or many:
            self._tell(provider)

    def forget(self, before: int) -> None:
        """Forget providers whose latest failure was before `before` (server ms): nobody may use them any more."""
        old = [name for name, state in self.states().items() if state.last < before]
        if old:
            self._store.redis.hdel(keys.BREAKERS, *old)

    def _tell(self, provider: str, *, bad: int = 0, said: str = "", probe: bool = False) -> bool:
        with self._lock:
            good = 0 if probe else self._good.pop(provider, 0)
        may, _ = self._store.call(
            "breaker",
            [keys.BREAKERS],
            provider,
            good,
            bad,
            said[:300],
            int(probe),
            IN_A_ROW,
            OF_MANY,
            WINDOW_MS,
            FIRST_PAUSE_MS,
            LONGEST_PAUSE_MS,
            PROBE_MS,
        )
        return bool(may)
