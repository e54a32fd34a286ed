"""What was decided about, read back from an archive: the inputs of each entry of the log, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from engine.model.event import Event
from engine.model.flags import NO_FLAGS, Flags
from engine.model.message import SendOutcome
from engine.runtime.blob import Arrival
from engine.runtime.decide import Work
from engine.runtime.orders import Order
from engine.runtime.overheard import Overheard, Stopped

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PAGE = 10_000
COLUMNS = "segment, shard, logged, n, place, decided, profile, plan, stopped"
# Everything that was decided about, a row each, in no order.
INPUTS = f"""
SELECT {COLUMNS}, CASE WHEN dead THEN 'dead' ELSE 'event' END AS command, id, NULL AS given,
       event, happened, received, channel, note, depth, properties, identifiers, label FROM events
UNION ALL
SELECT {COLUMNS}, command, id, given, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM commands
"""
WIDTH = 21  # columns of INPUTS
_order = msgspec.json.Decoder(tuple[str, str, Order])
_leave = msgspec.json.Decoder(tuple[str, str, Overheard])
_settle = msgspec.json.Decoder(tuple[str, str, Overheard, SendOutcome])
_stopped = msgspec.json.Decoder(Stopped)
_plain = msgspec.json.Decoder(dict[str, Any])
_texts = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class About:
    """A message that was decided about: `heard` is what the gate was told, `outcome` what its provider answered,
    `why` why it was set aside."""

    command: str
    message: str
    heard: Overheard = field(default_factory=Overheard)
    outcome: SendOutcome | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """A customer was erased, as was asked at `at` (server ms); `stone` is a hash of whom, `events` of their events."""

    stone: str
    at: int
    events: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Past:
    """One entry of the log: what was decided about one customer at one instant, by which plan."""

    shard: int
    logged: int
    at: int
    profile: str
    plan: str
    flags: Flags = NO_FLAGS
    learned: int = 0
    inputs: list[Work | About | Erased] = field(default_factory=list)


def past(db: DuckDBPyConnection) -> Iterator[Past]:
    """All entries, shard by shard, each shard's in the order in which they were decided."""
    cursor = db.execute(f"{INPUTS} ORDER BY shard, segment, logged, n, place")
    pages = iter(lambda: cursor.fetchmany(PAGE), [])
    return entries(row for page in pages for row in page)


def entries(rows: Iterable[tuple[Any, ...]]) -> Iterator[Past]:
    """The entries that these rows of INPUTS (in order; further columns are passed over) are made of."""
    before: tuple[Any, ...] = ()
    entry: Past | None = None
    for row in rows:
        if row[:4] != before:
            if entry is not None:
                yield entry
            before, entry = row[:4], _entry(row)
        assert entry is not None
        entry.inputs += _input(row)
    if entry is not None:
        yield entry


def _entry(row: tuple[Any, ...]) -> Past:
    _, shard, logged, _, _, at, profile, plan, stopped = row[:9]
    made = Past(shard, logged, at, profile, plan)
    if stopped is not None:
        found = _stopped.decode(stopped)
        made.flags, made.learned = found.flags(), found.learned
    return made


def _input(row: tuple[Any, ...]) -> list[Work | About | Erased]:
    logged, profile, command, id_, given = row[2], row[6], row[9], row[10], row[11]
    if command == "dead":  # it was set aside, and had no effect
        return []
    if command == "event":
        name, happened, received, channel, note, depth, properties, identifiers, label = row[12:WIDTH]
        event = Event(
            id=id_,
            name=name,
            profile=_texts.decode(identifiers) if identifiers else {},
            at=happened,
            received=received,
            channel=channel,
            properties=_plain.decode(properties) if properties else {},
            note=note,
            depth=depth,
        )
        return [Work(f"{logged}-0", Arrival(profile, label, event))]
    if command == "wake":
        return [Work(id_, None)]
    if command == "order":
        return [Work(id_, None, _order.decode(given)[2])]
    if command == "erase":
        return [Erased(*msgspec.json.decode(given)[1:])]
    if command == "settle":
        _, _, heard, outcome = _settle.decode(given)
        return [About(command, id_, heard, outcome)]
    if command in ("leave", "recover"):
        return [About(command, id_, _leave.decode(given)[2])]
    why = msgspec.json.decode(given)[2] if command == "set_aside" else ""
    return [About(command, id_, why=why)]
