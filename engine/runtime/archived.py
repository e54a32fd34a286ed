"""How far the archive is behind: its cursor, kept in Redis as one value that is only ever replaced as a whole.

A segment is announced (`pending`) before it is written and counted after it is safe. So whoever comes after a dead
archiver writes the very same segment again, and two at once write the same bytes to the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

STATE = "state"
MOST = 1_000  # entries of a shard that are counted


class Pending(Struct, omit_defaults=True):
    """A segment that may or may not be written: its number, its day, and up to which entry of each shard it goes."""

    number: int
    day: str
    until: dict[str, str]


class Cursor(Struct, omit_defaults=True):
    """`next` is the number of the next segment, `at` the last entry of each shard that is safe.

    `written` and `compacted` are when (server ms) that last happened.
    """

    next: int = 1
    at: dict[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    written: int = 0
    compacted: int = 0


class Kept:
    """The cursor of a store, and what was read: writing it fails when somebody else has written it meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read = b""

    def read(self) -> Cursor | None:
        """None while nothing was ever archived."""
        self._read = self._store.redis.hget(keys.ARCHIVE, STATE) or b""
        return msgspec.json.decode(self._read, type=Cursor) if self._read else None

    def write(self, cursor: Cursor) -> bool:
        """Replace it; False when it is not what was read here any more."""
        packed = msgspec.json.encode(cursor)
        if not self._store.call("swap", [keys.ARCHIVE], STATE, self._read, packed):
            return False
        self._read = packed
        return True


@dataclass(frozen=True, slots=True)
class Lag:
    """What is still to be archived: entries of the log, and the age (ms) of the oldest; `length` is how many entries
    the logs hold in all, `written` and `compacted` as in the cursor, None where nothing was ever archived."""

    entries: int
    oldest: int
    length: int
    written: int | None = None
    compacted: int | None = None


def lag(store: Store) -> Lag:
    """How far the archive is behind, in two round trips. Of each shard at most MOST entries are counted."""
    cursor, now = Kept(store).read(), store.clock().server
    at = cursor.at if cursor is not None else {}
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xlen(keys.log(shard))
        pipe.xrevrange(keys.log(shard), count=1)
    answers = pipe.execute()
    length = sum(answers[::2])
    behind = [
        shard
        for shard, last in zip(keys.EVERY_SHARD, answers[1::2], strict=True)
        if last and last[0][0].decode() != at.get(str(shard))
    ]
    pipe = store.pipeline()
    for shard in behind:
        after = at.get(str(shard))
        pipe.xrange(keys.log(shard), f"({after}" if after else "-", count=MOST)
    found = [entries for entries in pipe.execute() if entries] if behind else []
    oldest = min((int(entries[0][0].partition(b"-")[0]) for entries in found), default=now)
    written, compacted = (cursor.written, cursor.compacted) if cursor is not None else (None, None)
    return Lag(sum(map(len, found)), max(now - oldest, 0), length, written, compacted)
