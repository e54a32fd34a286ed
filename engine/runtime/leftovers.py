"""What lies about in the shards, for those who watch: how old it is, how much was set aside, and what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.runtime import keys
from engine.runtime.store import Store

MOST = 1_000  # dead letters of one shard that are counted as new


def oldest_entries(store: Store, shards: Iterable[int]) -> dict[int, int]:
    """When the first entry of each inbox came (server ms); shards with an empty one are missing."""
    return _firsts(store, keys.inbox, shards)


def oldest_parcels(store: Store, shards: Iterable[int]) -> dict[int, int]:
    """When the first parcel of each relay was written (server ms); shards with an empty one are missing."""
    return _firsts(store, keys.relay, shards)


def _firsts(store: Store, stream: Callable[[int], str], shards: Iterable[int]) -> dict[int, int]:
    pipe, wanted = store.pipeline(), list(shards)
    for shard in wanted:
        pipe.xrange(stream(shard), count=1)
    found = zip(wanted, pipe.execute() if wanted else [], strict=True)
    return {shard: int(rows[0][0].partition(b"-")[0]) for shard, rows in found if rows}


def count_dead(store: Store, since: int) -> tuple[int, int]:
    """How many dead letters there are, and how many came since `since` (server ms; at most MOST a shard)."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xlen(keys.dead(shard))
    counts = pipe.execute()
    filled = [shard for shard, count in zip(keys.EVERY_SHARD, counts, strict=True) if count]
    fresh = store.calls("fresh", [([keys.dead(shard)], (since, MOST)) for shard in filled]) if filled else []
    return sum(counts), sum(fresh)


def count_doubtful(store: Store, since: int) -> tuple[int, int]:
    """How many messages may have arrived, or arrived twice, and how many of them left since `since` (server ms)."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zcard(keys.doubtful(shard))
        pipe.zcount(keys.doubtful(shard), since, "+inf")
    counts = pipe.execute()
    return sum(counts[::2]), sum(counts[1::2])
