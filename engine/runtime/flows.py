"""What was counted of journeys, over all shards: how many came, passed, left and why; what became of messages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.model.flow import OUT, Flow
from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store


def flows(store: Store) -> Counter[Flow]:
    """Every counter and its sum, in one round trip; how long it takes depends on journeys, not on customers."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.hgetall(keys.flows(shard))
    raw: dict[bytes, int] = {}
    for fields in pipe.execute():
        for name, count in fields.items():
            raw[name] = raw.get(name, 0) + int(count)
    return Counter({Flow.parse(name.decode()): count for name, count in raw.items()})


def stayed(found: Counter[Flow]) -> Counter[tuple[str, str]]:
    """How many must be inside each (journey, version), by who came and who went."""
    total: Counter[tuple[str, str]] = Counter()
    for flow, count in found.items():
        sign = {"started": 1, "moved": 1, "ended": -1, OUT: -1}.get(flow.what)
        if sign is not None:
            total[flow.journey, flow.version] += sign * count
    return Counter({name: count for name, count in total.items() if count})
