"""Messages as an operator sees them: the latest decisions, what nobody is sure about, and one message whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.model.errors import SetupError
from engine.model.ids import shard_of_message
from engine.model.record import Record
from engine.model.words import Words
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.attempt import read_copy
from engine.runtime.blob import read_profile, read_records
from engine.runtime.store import Store

STANDS = ("status", "queue", "via", "tried", "retries", "due", "expires")  # of a message that has no end yet
SCAN = 200  # entries of each shard's log that are looked through for the latest messages


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a message for thirty days. `at` is engine time, epoch ms, of its last attempt; 0: none yet.

    outcome  what the provider said last, or what was reported of a message that nobody was sure of; `report` what
    was reported last; `parts` the rendered text; `waiting` how it stands while it has no end yet.
    """

    id: str
    profile: str = ""
    journey: str = ""
    message: str = ""
    channel: str = ""
    provider: str = ""
    attempt: str = ""
    at: int = 0
    outcome: str = ""
    reason: str = ""
    provider_id: str = ""
    report: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, Any] = field(default_factory=dict)


def doubtful(store: Store, limit: int) -> list[Kept]:
    """Messages of the last thirty days that may have arrived, or arrived twice; the newest doubt first."""
    found = _doubts(store)[:limit]
    kept = _hashes(store, [(shard, name) for name, shard, _ in found])
    # one of a customer who was erased has left nothing but its id
    return [_read(name, fields) for (name, _, _), fields in zip(found, kept, strict=True) if fields]


def latest(store: Store, limit: int, journey: str = "") -> list[Record]:
    """The latest records about messages that the logs still have, the newest first."""
    records = [
        record
        for fields in _last_log(store, max(SCAN, limit))
        for record in read_records(fields.get("r", b""))
        if record.message and journey in ("", record.journey)
    ]
    return sorted(records, key=lambda record: -record.at)[:limit]


def message(store: Store, name: str) -> Kept:
    """One message: its attempts, its text, and how it stands. Raises SetupError when nothing is known of it."""
    try:
        shard = shard_of_message(name)
    except ValueError:
        shard = -1
    fields = store.shards.message(name, shard) if shard >= 0 else {}
    if not fields:
        raise SetupError(
            Words("Nothing is kept of a message '{name}': `parcours messages list` shows their ids.", name=name)
        )
    kept, rendered = _read(name, fields), read_copy(fields)
    blob = store.shards.profiles([kept.profile]).get(kept.profile) if kept.profile else None
    waiting = read_profile(blob).messages.get(name) if blob is not None else None
    stands = {each: getattr(waiting, each) for each in STANDS} if waiting is not None else {}
    return _read(name, fields, rendered.parts if rendered is not None else {}, stands)


def _read(name: str, fields: Mapping[str, bytes], parts: Mapping[str, str] | None = None, waiting: Any = None) -> Kept:
    said = {key: value.decode("utf-8", "replace") for key, value in fields.items() if key != "copy"}
    return Kept(
        id=name,
        profile=said.get("profile", ""),
        journey=said.get("journey", ""),
        message=said.get("message", ""),
        channel=said.get("channel", ""),
        provider=said.get("provider", ""),
        attempt=said.get("attempt", ""),
        at=int(said.get("at") or 0),
        outcome=said.get("outcome", ""),
        reason=said.get("reason", "") or said.get("fault", ""),
        provider_id=said.get("provider_id", ""),
        report=said.get("report", ""),
        parts=parts or {},
        waiting=waiting or {},
    )


def as_data(kept: Kept) -> dict[str, Any]:
    """A message as plain data; instants in ISO 8601."""
    return {
        **brief(kept),
        "provider_id": kept.provider_id,
        "report": kept.report,
        "parts": dict(kept.parts),
        "waiting": dict(kept.waiting),
    }


def brief(kept: Kept) -> dict[str, Any]:
    """A message in a list; instants in ISO 8601."""
    return {
        "at": iso(kept.at) if kept.at else "",
        "id": kept.id,
        "journey": kept.journey,
        "message": kept.message,
        "channel": kept.channel,
        "status": kept.outcome,
        "reason": kept.reason,
        "attempt": kept.attempt,
        "provider": kept.provider,
        "profile": kept.profile,
    }


def line_of(record: Record) -> dict[str, Any]:
    """A record about a message in a list; instants in ISO 8601."""
    return {
        "at": iso(record.at),
        "id": record.id,
        "journey": record.journey,
        "message": record.message,
        "channel": record.channel,
        "status": record.kind,
        "reason": record.reason,
    }


def _doubts(store: Store) -> list[tuple[str, int, int]]:
    """(message id, shard, server ms) of all messages that may have arrived, or arrived twice; newest first."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zrange(keys.doubtful(shard), 0, -1, withscores=True)
    found = [(name.decode(), shard, int(at)) for shard, rows in enumerate(pipe.execute()) for name, at in rows]
    return sorted(found, key=lambda each: (-each[2], each[0]))


def _last_log(store: Store, count: int) -> list[dict[str, bytes]]:
    """The last entries of every shard's log, `count` of each at most, in no order."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xrevrange(keys.log(shard), count=count)
    return [_named(fields) for rows in pipe.execute() for _, fields in rows]


def _hashes(store: Store, wanted: Sequence[tuple[int, str]]) -> list[dict[str, bytes]]:
    """What is kept of each (shard, message id), {} where nothing is."""
    pipe = store.pipeline()
    for shard, name in wanted:
        pipe.hgetall(keys.message(shard, name))
    return [_named(found) for found in (pipe.execute() if wanted else [])]


def _named(fields: Mapping[bytes, bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in fields.items()}
