"""Records for programs: one JSON object a line."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.model.record import Record
from engine.policy.wallclock import iso

_encode = msgspec.json.Encoder().encode


def as_data(record: Record) -> dict[str, Any]:
    """A record as plain data: instants as ISO text, the customer as identifier:value."""
    data: dict[str, Any] = {
        "at": iso(record.at),
        "profile": record.label,
        "journey": record.journey,
        "step": record.step,
        "kind": record.kind,
        "message": record.message,
        "channel": record.channel,
        "reason": record.reason,
        "place": record.place,
    }
    if record.until is not None:
        data["until"] = iso(record.until)
    if record.key:
        data["key"] = record.key
    if record.id:
        data["id"] = record.id
    if record.extra:
        data.update(record.extra)
    return data


def to_json(record: Record) -> bytes:
    """One line of `simulate --json`."""
    return _encode(as_data(record))
