"""Signs of life: each worker says every few seconds that it is there, of which release, and with which plan."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import msgspec

from engine import __version__
from engine.runtime import keys
from engine.runtime.lua import library
from engine.runtime.store import Store

BEAT_SECONDS = 5.0
ALIVE_MS = 20_000  # without a sign for longer than this, a worker is gone
FORGET_MS = 3_600_000


class Worker(msgspec.Struct, omit_defaults=True):
    """One worker: `kind` is advance, deliver or both; `at` its last sign, `since` its start (server ms)."""

    name: str
    kind: str
    version: str = ""
    functions: str = ""
    at: int = 0
    since: int = 0


@dataclass(slots=True)
class Heart:
    """Beats for one worker. `name` is made of the machine and the process."""

    store: Store
    kind: str
    since: int = 0

    def beat(self) -> None:
        """Say that this worker is alive. Raises what the store raises."""
        now = self.store.clock().server
        self.since = self.since or now
        name = f"{socket.gethostname()}:{os.getpid()}"
        worker = Worker(name, self.kind, __version__, library()[0], now, self.since)
        self.store.redis.hset(keys.WORKERS, name, msgspec.json.encode(worker))

    def stop(self) -> None:
        """It ends in good order."""
        self.store.redis.hdel(keys.WORKERS, f"{socket.gethostname()}:{os.getpid()}")


def workers(store: Store) -> tuple[list[Worker], list[Worker]]:
    """Those that are alive, and those that vanished within the hour without saying so. Forgets older ones."""
    now = store.clock().server
    found = [msgspec.json.decode(each, type=Worker) for each in store.redis.hvals(keys.WORKERS)]
    old = [each.name for each in found if now - each.at > FORGET_MS]
    if old:
        store.redis.hdel(keys.WORKERS, *old)
    alive = [each for each in found if now - each.at <= ALIVE_MS]
    gone = [each for each in found if ALIVE_MS < now - each.at <= FORGET_MS]
    return sorted(alive, key=lambda each: (each.kind, each.name)), sorted(gone, key=lambda each: each.name)
