"""Items of the catalogue that are kept current over HTTP: in the store once, and in every process within a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from engine.render.stock import Change
from engine.runtime import keys
from engine.runtime.blob import pack

if TYPE_CHECKING:
    from engine.render.renderer import Renderer
    from engine.runtime.store import Store

MOST = 200_000  # items that may have fields put over them
BATCH = 1_000
LOOK_EVERY = 1.0  # seconds
REMEMBERED = 86_400_000  # ms for which it is known that an item's fields were taken away
_FORGET = 1_000
_ITEMS, _CHANGED = keys.stock("items"), keys.stock("changed")


class TooMany(Exception):
    """There would be more items than an installation may have."""


@dataclass(slots=True)
class _Read:
    """Up to which version a renderer has read, and when (monotonic s) it looks again."""

    version: int = 0
    next: float = 0.0


class StockRoom:
    """What was put, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, changes: Sequence[Change]) -> int:
        """Put fields over items (None takes them away), all or nothing; the version. Raises TooMany."""
        rows: list[Any] = []
        for kind, key, fields in changes:
            rows += [f"{kind}|{key}", pack(dict(fields)) if fields is not None else b""]
        version = int(self._store.call("stock_put", [_ITEMS, _CHANGED], MOST, *rows))
        if version < 0:
            raise TooMany
        return version

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The fields that were put over one item."""
        found = self._store.redis.hget(_ITEMS, f"{kind}|{key}")
        return _fields(found) if found is not None else None

    def every(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """All that was put: kind, key and fields, in the order of their names."""
        found = {name.decode(): fields for name, fields in self._store.redis.hscan_iter(_ITEMS, count=BATCH)}
        return [(*_parted(name), _fields(fields)) for name, fields in sorted(found.items())]

    def version(self) -> int:
        """The version of the latest change; 0 before the first."""
        last = self._store.redis.zrange(_CHANGED, -1, -1, withscores=True)
        return int(last[0][1]) if last else 0

    def since(self, version: int) -> list[Change]:
        """What has changed after a version, oldest first."""
        names = self._store.redis.zrangebyscore(_CHANGED, f"({version}", "+inf")
        found: list[Change] = []
        for first in range(0, len(names), BATCH):
            some = names[first : first + BATCH]
            for name, fields in zip(some, self._store.redis.hmget(_ITEMS, some), strict=True):
                found.append((*_parted(name.decode()), _fields(fields) if fields is not None else None))
        return found

    def forget(self, now: int) -> None:
        """Forget what was taken away long ago (`now`: server ms)."""
        self._store.call("stock_forget", [_ITEMS, _CHANGED], now - REMEMBERED, _FORGET)


class Follower:
    """Brings what was put to the renderers of one process. Threads may share it."""

    def __init__(self, room: StockRoom) -> None:
        self._room = room
        self._read: dict[str, _Read] = {}
        self._reading = threading.Lock()

    def follow(self, name: str, renderer: Renderer) -> None:
        """See to it that this renderer (known by `name`) has what was put up to a second ago."""
        known = self._read.get(name)
        if known is None:
            with self._reading:  # nothing may be rendered before it has been read for the first time
                if name not in self._read:
                    self._look(renderer, found := _Read())
                    self._read[name] = found
        elif time.monotonic() >= known.next and self._reading.acquire(blocking=False):
            try:  # the others go on with what they have
                self._look(renderer, known)
            finally:
                self._reading.release()

    def _look(self, renderer: Renderer, known: _Read) -> None:
        version = self._room.version()
        if version != known.version:
            anew = version - known.version > REMEMBERED // 2 or version < known.version
            changes = self._room.since(0 if anew else known.version)
            renderer.stock.change(changes, anew=anew)
            known.version = version
        known.next = time.monotonic() + LOOK_EVERY


def _parted(name: str) -> tuple[str, str]:
    kind, _, key = name.partition("|")
    return kind, key


def _fields(packed: bytes) -> Mapping[str, Any]:
    return msgspec.msgpack.decode(packed, type=dict[str, Any])
