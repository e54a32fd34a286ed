"""Erasures on their way into the archive: noted beside a segment that tells of one, until they are carried out.

Noted is a hash that tells nothing of the customer, and the place in the log before which its rows go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from engine.report.archive.place import Place
from engine.report.archive.segment import Entry

FOLDER = "erasures/"
_decode = msgspec.msgpack.Decoder(list[Any]).decode
_MARK = b"\xa5erase"  # how msgpack writes the word


class Grave(Struct, frozen=True):
    """Whose rows of `shard` go, as a hash: those of segments before `segment`, and of that one those before the
    entry (`logged`, `n`). What comes later is a new customer's."""

    stone: str
    shard: int
    segment: int
    logged: int
    n: int


def note_erasures(place: Place, number: int, entries: Iterable[Entry]) -> None:
    """Remember what the entries of segment `number` erase."""
    graves = []
    for shard, entry, fields in entries:
        given = fields.get("i", b"")
        if _MARK in given:
            logged, _, n = entry.partition("-")
            graves += [
                Grave(each[1], shard, number, int(logged), int(n)) for each in _decode(given) if each[0] == "erase"
            ]
    if graves:
        place.put(f"{FOLDER}{number:012d}.json", msgspec.json.encode(graves))


def read_graves(place: Place, names: Iterable[str]) -> list[Grave]:
    """What these files note."""
    found: list[Grave] = []
    for name in names:
        packed = place.get(name)
        if packed is not None:
            found += msgspec.json.decode(packed, type=list[Grave])
    return found
