"""The newest entries of a stream that every shard has one of, without reading what is older."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from engine.runtime.store import Store

Item = TypeVar("Item")
Read = Callable[[int, str, Mapping[bytes, bytes]], tuple[int, Iterable[Item]]]
DEEPEST = 6_000  # entries after which no more are read: what lies deeper is not looked for


def newest(
    store: Store, stream: Callable[[int], str], shards: Sequence[int], most: int, read: Read[Item], each: int = 12
) -> list[Item]:
    """The `most` newest items of these shards, the newest first.

    `read` gives the instant of an entry (shard, its id, its fields) and its items; in a stream instants only grow. Of
    every stream `each` entries are read at first, and twice as many more of those that may have more which belong here.
    """
    before: dict[int, str] = {}
    found: list[tuple[int, Item]] = []
    looked = 0
    while shards and looked < DEEPEST:
        pipe = store.pipeline()
        for shard in shards:
            pipe.xrevrange(stream(shard), max=before.get(shard, "+"), count=each)
        more: dict[int, int] = {}
        for shard, rows in zip(shards, pipe.execute(), strict=True):
            looked += len(rows)
            at = 0
            for name, fields in rows:
                at, items = read(shard, name.decode(), fields)
                found += ((at, item) for item in items)
            if len(rows) == each:
                before[shard], more[shard] = f"({rows[-1][0].decode()}", at
        found = heapq.nlargest(most, found, key=lambda item: item[0])
        floor = found[-1][0] if len(found) == most else 0
        shards, each = [shard for shard, at in more.items() if at > floor], each * 2
    return [item for _, item in found]
