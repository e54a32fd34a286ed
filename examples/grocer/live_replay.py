"""Events through the real engine in virtual time: each posted at its instant, the clock moved in lockstep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import httpx

from engine.model.errors import SetupError
from engine.model.record import Record
from engine.runtime import keys
from engine.runtime.app import bells_of
from engine.runtime.blob import read_records
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.lockstep import Lockstep
from engine.runtime.store import Store
from examples.grocer.live_engine import Installation

Line = Mapping[str, Any]
PATIENCE = 30.0  # seconds for the work of one instant


def replay(there: Installation, lines: Sequence[tuple[int, Line]], until: int, told: Callable[[int], None]) -> None:
    """Post events, each at its instant (epoch ms, in order), then let time go on until `until`.

    Raises SetupError when an event is refused or work is left undone; httpx.HTTPError, StoreError.
    """
    engine = Engine.of(there.settings, there.state_url, bells_of(there.settings))
    authorization = {"Authorization": f"Bearer {there.key}"}
    try:
        with httpx.Client(base_url=there.http, headers=authorization, timeout=PATIENCE, trust_env=False) as client:
            clock, lockstep = Clock(engine.store), Lockstep(engine, lines[0][0])
            done = 0
            for at, group in groupby(lines, key=lambda each: each[0]):
                batch = [line for _, line in group]
                lockstep.run_until(at - 1, PATIENCE)
                clock.hold(at)
                lockstep.now = at
                _post(client, batch)
                lockstep.wait_idle(PATIENCE)
                done += len(batch)
                told(done)
            lockstep.run_until(until, PATIENCE)
    finally:
        engine.close()


def _post(client: httpx.Client, batch: Sequence[Line]) -> None:
    answer = client.post("/v1/events", json=batch)
    if answer.status_code != 202 or answer.json()["accepted"] != len(batch):
        raise SetupError(f"The engine answered {answer.status_code} to {batch[0]['id']}: {answer.text[:300]}")


def logged(url: str) -> list[Record]:
    """Everything that the engine whose state is at `url` put on record, in no particular order."""
    store = Store.open(url)
    try:
        found: list[Record] = []
        for shard in keys.EVERY_SHARD:
            after = "-"
            while entries := store.shards.read_log(shard, after):
                found += [record for _, fields in entries for record in read_records(fields["r"])]
                after = entries[-1][0]
        return found
    finally:
        store.close()
