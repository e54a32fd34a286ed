"""How many enrolments stand where: by journey, version and step, raised by the very commit that moves them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store


class Stand(NamedTuple):
    """A place in a journey. `step` is '' before the first one, and after the last while a message is under way."""

    journey: str
    version: str
    step: str


def counts(store: Store) -> Counter[Stand]:
    """Enrolments by where they stand, over all shards, in one round trip."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.hgetall(keys.counts(shard))
    found: Counter[Stand] = Counter()
    for fields in pipe.execute():
        for name, count in fields.items():
            journey, version, step = name.decode().split("|", 2)
            found[Stand(journey, version, step)] += int(count)
    return found


def inside(found: Counter[Stand]) -> Counter[tuple[str, str]]:
    """Enrolments by (journey, version)."""
    total: Counter[tuple[str, str]] = Counter()
    for stand, count in found.items():
        total[stand.journey, stand.version] += count
    return total
