"""Who is to be looked at: the shards with work, by queue, beside the doorbells that say that there are some.

A crowd of shards costs one Celery message. Losing an entry loses nothing: the ticker looks at all shards
twice a second and puts back what is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

CALLED_MS = 400  # a doorbell that nobody hears is rung again after this: less than a tick


class Ready:
    """The shards to be looked at, for each queue of doorbells."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, queue: str, shards: Iterable[int]) -> bool:
        """Have these shards looked at; whether the caller has to ring, as nobody is on the way yet."""
        wanted = sorted(shards)
        if not wanted:
            return False
        pipe = self._store.pipeline()
        pipe.sadd(keys.ready(queue), *wanted)
        pipe.set(keys.called(queue), "1", nx=True, px=CALLED_MS)
        return bool(pipe.execute()[1])

    def hear(self, queue: str, most: int) -> list[int]:
        """Come because of a doorbell: whoever is called from now on is another. The first shards, as `take`."""
        pipe = self._store.pipeline()
        pipe.delete(keys.called(queue))
        pipe.spop(keys.ready(queue), most)
        return [int(each) for each in pipe.execute()[1]]

    def take(self, queue: str, most: int) -> list[int]:
        """Some of the shards, which are the caller's to look at now; none when all are taken care of."""
        return [int(each) for each in self._store.redis.spop(keys.ready(queue), most)]
