"""The archiver: takes what the log streams of all shards hold, once, and keeps it as segments."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.errors import SetupError
from engine.report.archive.graves import note_erasures
from engine.report.archive.manifest import Manifest, put_manifest, read_manifest
from engine.report.archive.place import Place
from engine.report.archive.plans import Archived
from engine.report.archive.segment import AUDIT, FOLDER, LESSONS, Entry, day_of, name_of, segment
from engine.runtime import keys, points
from engine.runtime.archived import Cursor, Kept, Pending

if TYPE_CHECKING:
    from engine.runtime.store import Store

MOST = 20_000  # entries of one segment, about
EACH = 400  # entries of one shard that one segment takes
KEEP_MS = 60_000  # what is archived stays in the log for so long at least


@dataclass
class Archiver:
    """Takes the logs of `store` to `place`. Two at once do no harm; a lease saves them the work."""

    store: Store
    place: Place
    log_most: int
    _plans: Archived = field(init=False)

    def __post_init__(self) -> None:
        self._plans = Archived(self.store, self.place)

    def take(self, seconds: float = 10.0) -> int:
        """Write segments until nothing new is there, or for so long; how many entries were archived.

        Raises SetupError when the archive belongs to another state.
        """
        kept, total, until = Kept(self.store), 0, time.monotonic() + seconds
        if kept.read() is None:
            self._begin(kept)
        while True:
            count = self._one(kept)
            total += count
            if not count or time.monotonic() > until:
                self._trim(kept)
                return total

    def _begin(self, kept: Kept) -> None:
        """A new archive; one that another state has written would be overwritten."""
        created = int(self.store.redis.hget(keys.META, "created") or 0)
        found = read_manifest(self.place)
        if (found is not None and found.store != created) or (found is None and self.place.names(FOLDER)):
            raise SetupError(
                "The archive holds what another state has written. Bring that state back with `parcours rebuild`, or "
                "have PARCOURS_ARCHIVE_URL name another place."
            )
        if found is None:
            put_manifest(self.place, Manifest(created))
        kept.write(Cursor())

    def _one(self, kept: Kept) -> int:
        cursor = kept.read() or Cursor()
        if cursor.pending is None:
            entries = self._read(cursor)
            if not entries:
                return 0
            until = {str(shard): entry for shard, entry, _ in entries}
            cursor.pending = Pending(cursor.next, day_of(self.store.clock().server), until)
            if not kept.write(cursor):
                return 0  # somebody else is at it
        else:
            entries = list(self._again(cursor, cursor.pending))
        points.at("archive.announced")
        pending = cursor.pending
        self._plans.keep(entries)
        note_erasures(self.place, pending.number, entries)
        self.place.put(name_of(pending.number, pending.day), segment(entries))
        points.at("archive.written")
        cursor = Cursor(
            pending.number + 1, cursor.at | pending.until, None, self.store.clock().server, cursor.compacted
        )
        if not kept.write(cursor):
            return 0
        points.at("archive.counted")
        return len(entries)

    def _read(self, cursor: Cursor) -> list[Entry]:
        """What comes after the cursor, shard by shard; of each shard at most EACH."""
        found: list[Entry] = []
        shards = [AUDIT, LESSONS, *keys.EVERY_SHARD]
        for first in range(0, len(shards), 64):
            pipe = self.store.pipeline()
            part = shards[first : first + 64]
            for shard in part:
                pipe.xrange(stream(shard), _after(cursor, shard), count=EACH)
            for shard, entries in zip(part, pipe.execute(), strict=True):
                found += _entries(shard, entries)
            if len(found) >= MOST:
                break
        return found

    def _again(self, cursor: Cursor, pending: Pending) -> Iterator[Entry]:
        """What a segment was announced with; what was erased meanwhile is missing."""
        for name, last in sorted(pending.until.items(), key=lambda each: int(each[0])):
            shard = int(name)
            yield from _entries(shard, self.store.redis.xrange(stream(shard), _after(cursor, shard), last))

    def _trim(self, kept: Kept) -> None:
        """Let go of what is safe, where a log is longer than it must be."""
        cursor = kept.read() or Cursor()
        pipe = self.store.pipeline()
        for shard in keys.EVERY_SHARD:
            pipe.xlen(keys.log(shard))
        lengths, pipe = pipe.execute(), self.store.pipeline()
        recent = self.store.clock().server - KEEP_MS
        for shard, length in zip(keys.EVERY_SHARD, lengths, strict=True):
            last = cursor.at.get(str(shard))
            if last is not None and length > self.log_most:
                logged, _, number = last.partition("-")
                behind = f"{logged}-{int(number) + 1}" if int(logged) < recent else str(recent)
                pipe.xtrim(keys.log(shard), minid=behind, approximate=False)
        pipe.execute()


def stream(shard: int) -> str:
    """The stream of a shard's log, of what operators have done, or of what was learned."""
    if shard < 0:
        return keys.AUDIT if shard == AUDIT else keys.LESSONS
    return keys.log(shard)


def _after(cursor: Cursor, shard: int) -> str:
    last = cursor.at.get(str(shard))
    return f"({last}" if last is not None else "-"


def _entries(shard: int, entries: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[Entry]:
    for entry, fields in entries:
        yield shard, entry.decode(), {name.decode(): value for name, value in fields.items()}
