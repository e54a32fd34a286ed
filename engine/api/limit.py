"""How often the same somebody may ask: a bound for each process, over the last minute."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from engine.api.problem import Refused
from engine.model.words import Words

MOST_KNOWN = 10_000


class Limit:
    """At most `most` requests a minute for one name, and then one for each minute / `most`."""

    def __init__(self, most: int) -> None:
        self._most, self._gap = most, 60.0 / most
        self._next: OrderedDict[str, float] = OrderedDict()  # name -> when its bucket is full again

    def take(self, name: str) -> None:
        """Count a request. Raises Refused 429."""
        now = monotonic()
        full = max(self._next.pop(name, now), now) + self._gap
        if full - now > 60.0:
            self._next[name] = full - self._gap
            raise Refused(429, "Too many requests", Words("Wait a minute, then try again."))
        self._next[name] = full
        while len(self._next) > MOST_KNOWN:
            self._next.popitem(last=False)
