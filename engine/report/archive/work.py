"""A turn of the archiver: what has been logged, then tables of closed days, then erasures; by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from engine.model.errors import SetupError
from engine.report.archive import graves
from engine.report.archive.archiver import Archiver
from engine.report.archive.codes import keep_codes
from engine.report.archive.manifest import Manifest, read_manifest
from engine.report.archive.place import Place
from engine.report.archive.segment import FOLDER, day_of
from engine.report.archive.tables import TABLES
from engine.runtime import keys
from engine.runtime.archived import Cursor, Kept, Lag, lag

if TYPE_CHECKING:
    from engine.runtime.store import Store

TURN_SECONDS = 8.0  # for what has been logged, and for erasures
TASK_SECONDS = 120  # after so long a task that does not end is ended
LEASE_MS = TASK_SECONDS * 1000
LATE_MS = 300_000  # a segment that was begun before midnight is written by then


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn has done: entries archived, segments made tables of, erasures carried out."""

    entries: int = 0
    segments: int = 0
    erasures: int = 0

    def __add__(self, other: Turn) -> Turn:
        return Turn(self.entries + other.entries, self.segments + other.segments, self.erasures + other.erasures)

    def __bool__(self) -> bool:
        return bool(self.entries or self.segments or self.erasures)


@dataclass(frozen=True, slots=True)
class Status:
    """How far the archive is: what is still to be taken; segments and files of tables with their bytes; erasures to
    be carried out."""

    lag: Lag
    segments: int
    segment_bytes: int
    files: int
    file_bytes: int
    erasures: int

    def as_data(self) -> dict[str, Any]:
        """As plain data; instants in epoch ms of server time, ages in ms."""
        data = asdict(self)
        return {**data.pop("lag"), **data}


def turn(store: Store, place: Place, log_most: int, *, seconds: float = TURN_SECONDS, today: str = "") -> Turn | None:
    """One turn; None when another process is at it. `today` is the first day that stays open (default: today).

    Raises SetupError or StoreMismatch; what is written by then is not lost.
    """
    with _guarded(store) as ours:
        if not ours:
            return None
        try:
            entries = Archiver(store, place, log_most).take(seconds)
            keep_codes(store, place)
            manifest = read_manifest(place)
            if manifest is None or find_spec("duckdb") is None:  # without the extra `report` the segments wait for it
                return Turn(entries)
            return Turn(entries, _compact(store, place, manifest, today), _erase(place, manifest, seconds))
        except OSError as fault:
            raise SetupError(f"The archive cannot be written, and is tried again: {fault}") from None


def status(store: Store, place: Place) -> Status:
    """How far the archive is."""
    segments = place.sizes(FOLDER)
    files = [size for table in TABLES for size, _ in place.sizes(f"{table.name}/").values()]
    weight = sum(size for size, _ in segments.values())
    return Status(lag(store), len(segments), weight, len(files), sum(files), len(place.names(graves.FOLDER)))


def _compact(store: Store, place: Place, manifest: Manifest, today: str) -> int:
    from engine.report.archive.compact import compact

    count = compact(place, manifest, today or day_of(store.clock().server - LATE_MS))
    if count:
        kept = Kept(store)
        cursor = kept.read() or Cursor()
        cursor.compacted = store.clock().server
        kept.write(cursor)
    return count


def _erase(place: Place, manifest: Manifest, seconds: float) -> int:
    from engine.report.archive.erasures import erase

    return erase(place, manifest, seconds)


@contextmanager
def _guarded(store: Store) -> Iterator[bool]:
    """Whether nobody else is at it. Two who are all the same would do the same work, and no harm."""
    mine = uuid4().hex
    ours = bool(store.redis.set(keys.ARCHIVING, mine, nx=True, px=LEASE_MS))
    try:
        yield ours
    finally:
        if ours and store.redis.get(keys.ARCHIVING) == mine.encode():
            store.redis.delete(keys.ARCHIVING)
