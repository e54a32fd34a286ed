"""Who changed what of the installation, and when: deploys, pauses, resumptions, kills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

MOST = 10_000  # entries, about; the oldest go first
MOST_VISITS = 100_000
# What only looks has a stream of its own: however much somebody looks, what was done is not pushed out by it.
VISITS = frozenset(("look", "refused", "sign in", "sign out"))


@dataclass(frozen=True, slots=True)
class Entry:
    """`what` ('deploy', 'pause', ...) was done by `who` at engine time `at` (epoch ms)."""

    at: int
    what: str
    who: str
    details: dict[str, Any]


def note(store: Store, at: int, what: str, who: str, **details: Any) -> None:
    """Keep one entry."""
    fields = {"t": at, "what": what, "who": who, "details": msgspec.json.encode(details)}
    where, most = (keys.VISITS, MOST_VISITS) if what in VISITS else (keys.AUDIT, MOST)
    store.redis.xadd(where, fields, maxlen=most, approximate=True)


def entries(store: Store, most: int = 20) -> list[Entry]:
    """What was done lately, the newest first."""
    return _read(store, keys.AUDIT, most)


def visits(store: Store, most: int = 20) -> list[Entry]:
    """Who was in the console lately, and looked at whom, the newest first."""
    return _read(store, keys.VISITS, most)


def _read(store: Store, name: str, most: int) -> list[Entry]:
    found = store.redis.xrevrange(name, count=most)
    return [
        Entry(int(each[b"t"]), each[b"what"].decode(), each[b"who"].decode(), msgspec.json.decode(each[b"details"]))
        for _, each in found
    ]
