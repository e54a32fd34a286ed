"""The way out: providers that are left alone, and messages of which nobody knows whether they arrived."""

from __future__ import annotations

from collections.abc import Iterator

from engine.runtime import keys
from engine.runtime.blob import read_records
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, span, warn

DAY = 86_400_000
LATEST = 300  # entries of each shard's log


def providers(patient: Patient) -> Iterator[Finding]:
    """The circuit breakers, and the messages listed as unknown within a day."""
    pulse = patient.store.pulse()
    now = pulse.time.server_now()
    shut = {name: each for name, each in pulse.breakers.items() if each.open}
    for name, each in sorted(shut.items()):
        found = f"{each.word(now)} for {span(now - each.open)} after {each.row} failures in a row"
        do = "It is tried again by itself; see whether the provider has an outage, or the settings changed."
        yield (bad if each.down(now) else warn)(f"provider {name}", found, do)
    if not shut:
        yield ok("providers", "none is left alone")
    yield _unknown(patient, now)


def _unknown(patient: Patient, now: int) -> Finding:
    """Read from the latest entries of the logs, which is where they are listed."""
    pipe = patient.store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xrevrange(keys.log(shard), min=now - DAY, count=LATEST)
    told = [fields.get(b"r", b"") for rows in pipe.execute() for _, fields in rows]
    lost = [each for text in told if b"unknown" in text for each in read_records(text) if each.kind == "unknown"]
    if not lost:
        return ok("unknown messages", "none lately")
    channels = ", ".join(sorted({each.channel for each in lost if each.channel}))
    do = "Ask the provider whether these ids arrived; they are not sent again. `parcours explain` tells each."
    return warn("unknown messages", f"{len(lost):,} in the last day, by {channels or 'no channel'}", do)
