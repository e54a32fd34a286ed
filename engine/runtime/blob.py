"""Profiles and inbox entries as bytes."""

from __future__ import annotations

import msgspec

from engine.model.errors import StoreMismatch
from engine.model.event import Event
from engine.model.profile import SCHEMA, Profile
from engine.model.record import Record


class Arrival(msgspec.Struct, array_like=True, frozen=True):
    """An event in the inbox: whose it is, and what a profile is called that begins with it.

    `via` are the shards that it came by on its way to a customer who was merged, and `came` when it came to the first
    of them (server ms).
    """

    profile: str
    label: str
    event: Event
    via: tuple[int, ...] = ()
    came: int = 0


class _Schema(msgspec.Struct):
    schema: int = SCHEMA


_encoder = msgspec.msgpack.Encoder()
_profile = msgspec.msgpack.Decoder(Profile)
_arrival = msgspec.msgpack.Decoder(Arrival)
_schema = msgspec.msgpack.Decoder(_Schema)
_records = msgspec.msgpack.Decoder(list[Record])


def pack(value: object) -> bytes:
    """Any plain data or Struct as msgpack."""
    return _encoder.encode(value)


def read_profile(blob: bytes) -> Profile:
    """Raises StoreMismatch when a newer release wrote it: an older one must not write over it."""
    try:
        profile = _profile.decode(blob)
    except msgspec.ValidationError:
        newer = _schema.decode(blob).schema
        if newer <= SCHEMA:
            raise
        raise _too_new(newer) from None
    if profile.schema > SCHEMA:
        raise _too_new(profile.schema)
    profile.stood = profile.stands()
    return profile


def _too_new(schema: int) -> StoreMismatch:
    return StoreMismatch(
        f"A profile was written with schema {schema}, and this release knows {SCHEMA}: update this worker."
    )


def read_arrival(blob: bytes) -> Arrival:
    """Raises msgspec.DecodeError when the bytes are no event."""
    return _arrival.decode(blob)


def read_records(blob: bytes) -> list[Record]:
    """The records of one log entry; none from b''."""
    return _records.decode(blob) if blob else []
