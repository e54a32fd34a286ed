"""How many urgent messages wait: told to the rate limits, so that no other takes the tokens they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.runtime import keys
from engine.runtime.shard_data import Look
from engine.runtime.store import Store

URGENT = keys.KLASSES[:-1]


def tell_backlog(store: Store, looks: Iterable[Look], now: int) -> None:
    """Count the urgent messages that are due at engine time `now` in the shards looked at."""
    due = [(*place, look.shard) for look in looks for place, first in look.outs.items() if first <= now]
    places = [place for place in due if place[1] in URGENT]
    if not places:
        return
    pipe = store.pipeline()
    for channel, klass, shard in places:
        pipe.zcount(keys.out(shard, channel, klass), "-inf", now)
    counts: dict[str, Counter[str]] = {}
    for (channel, klass, _), count in zip(places, pipe.execute(), strict=True):
        counts.setdefault(channel, Counter())[klass] += count
    pipe = store.pipeline()
    for channel, of in counts.items():
        store.call("backlog", [keys.rate(channel)], *(of[klass] for klass in URGENT), pipe=pipe)
    pipe.execute()
