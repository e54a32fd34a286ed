"""What answers to channel apps go by: what was learned, and whether it is still being learned."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.words import Words
from engine.runtime import keys
from engine.runtime.doctor.finding import Finding, Patient, ok, span, warn

LATE = 600_000  # ms: what was counted is learned within a minute


def learned(patient: Patient) -> Iterator[Finding]:
    """How old is what was learned of actions, while something waits to be?"""
    store = patient.store
    snapshot = store.lessons.read()
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.exists(keys.tried(shard))
    waiting = sum(map(int, pipe.execute()))
    if not snapshot.number and not waiting:
        return
    age = max(store.clock().engine - snapshot.at, 0)
    found = (
        Words("snapshot {number} of what was learned is {age} old", number=snapshot.number, age=span(age))
        if snapshot.number
        else Words("no snapshot")
    )
    if waiting and (not snapshot.number or age > LATE):
        do = Words(
            "Outcomes wait in {waiting:,} shards: is a beat running, and a worker that advances?", waiting=waiting
        )
        yield warn("learned", found, do)
    else:
        yield ok("learned", found)
