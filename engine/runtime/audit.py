"""Who changed what of the installation, and when: deploys, pauses, resumptions, kills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

MOST = 10_000  # entries, about; the oldest go first


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
    store.redis.xadd(keys.AUDIT, fields, maxlen=MOST, approximate=True)


def entries(store: Store, most: int = 20) -> list[Entry]:
    """The latest entries, the newest first."""
    found = store.redis.xrevrange(keys.AUDIT, count=most)
    return [
        Entry(int(each[b"t"]), each[b"what"].decode(), each[b"who"].decode(), msgspec.json.decode(each[b"details"]))
        for _, each in found
    ]
