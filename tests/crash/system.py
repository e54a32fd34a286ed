"""A whole installation of real processes under one roof, and a client that feeds it through its HTTP interface."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from engine.runtime.clock import Clock
from engine.runtime.plans import publish
from engine.runtime.store import Store, StoreError
from engine.settings import PREFIX
from tests.crash.invariants import broken, busy, uncalled
from tests.crash.processes import Nursery, Processes, RedisProcess, free_port, wait_until
from tests.crash.proxy import Proxy
from tests.crash.service import Service
from tests.crash.sink import ACCEPT, NEVER, Sink
from tests.crash.workspace import CUSTOMER_ORDERS, GONE, consents, customer_of, gone, order, sources

KEY = "key-of-the-crash-suite-0123456789"
COMMANDS = {
    "advance-1": ["worker", "--advance"],
    "advance-2": ["worker", "--advance"],
    "deliver-1": ["worker", "--deliver"],
    "deliver-2": ["worker", "--deliver"],
    "beat-1": ["beat"],
    "beat-2": ["beat"],
    "api": ["serve"],
}
BATCH = 25


class System:
    """Everything runs while it is entered.

    points   see `nursery.py`;  leases, beats  likewise, '' for those of production
    behave   what the mail server does with an order (see `sink.py`)
    children of each advancing worker
    broker   its URL, '' for the Redis of the state; it is spoken to through the proxy
    """

    def __init__(
        self,
        folder: Path,
        nursery: Nursery,
        *,
        seed: int = 1,
        points: str = "",
        leases: str = "",
        beats: str = "",
        behave: Callable[[str, int], str] = lambda order, before: ACCEPT,
        commands: Sequence[str] = tuple(COMMANDS),
        children: int = 2,
        broker: str = "",
    ) -> None:
        self.folder, self._nursery, self.random = folder, nursery, random.Random(seed)
        self._commands = {name: COMMANDS[name] for name in commands}
        self._points, self._leases, self._beats, self._behave = points, leases, beats, behave
        self._children, self._broker = children, broker
        self._stack = ExitStack()
        self.accepted: set[int] = set()

    def __enter__(self) -> System:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        for name in ("redis", "points"):
            (self.folder / name).mkdir()
        self.redis = RedisProcess(self.folder / "redis")
        self._stack.callback(self.redis.stop)
        broker = urlsplit(self._broker or f"{self.redis.url.removesuffix('0')}1")
        assert broker.port is not None, "the broker's URL has to name its port"
        self.proxy = self._stack.enter_context(Proxy(broker.port))
        self._broker = broker.geturl().replace(f":{broker.port}", f":{self.proxy.port}")
        self.sink = self._stack.enter_context(Sink(self._behave, gone=gone))
        self.service = self._stack.enter_context(Service())
        self.store = Store.open(self.redis.url)
        self._stack.callback(self.store.close)
        publish(self.store, sources(self.service.port))
        self.clock = Clock(self.store)
        port = free_port()
        self.processes = Processes(self._nursery, self._commands, self._environment(port), self.folder)
        self._stack.callback(self.processes.stop)
        self._http = self._stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": KEY}, timeout=15, trust_env=False)
        )

    def _environment(self, port: int) -> dict[str, str]:
        given = {
            "REDIS_URL": self.redis.url,
            "BROKER_URL": self._broker,
            "WORKSPACE": str(self.folder),
            "SMTP_URL": " ".join([f"smtp://127.0.0.1:{self.sink.port}"] * 2),  # two providers
            "PUBLIC_URL": "https://links.fernhill.example",
            "LINK_SECRET": "the-secret-of-this-crash-test",
            "API_PORT": str(port),
            "API_KEYS": KEY,
            "ADVANCE_WORKERS": str(self._children),
        }
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            **{PREFIX + name: value for name, value in given.items()},
            "CRASH_POINTS": self._points,
            "CRASH_LEASES": self._leases,
            "CRASH_BEATS": self._beats,
            "CRASH_FOLDER": str(self.folder / "points"),
        }

    # Events

    def agree(self, numbers: Sequence[int]) -> None:
        """The customers of these orders agree to marketing, each once."""
        people = sorted({customer_of(number) for number in numbers})
        for first in range(0, len(people), 200):
            self._post([event for who in people[first : first + 200] for event in consents(who, _now())])

    def feed(self, numbers: Sequence[int], pause: float = 0.0) -> None:
        """Send orders until the interface has taken them: shuffled, and every third batch twice."""
        shuffled = list(numbers)
        self.random.shuffle(shuffled)
        for count, first in enumerate(range(0, len(shuffled), BATCH)):
            batch = shuffled[first : first + BATCH]
            for _ in range(2 if count % 3 == 0 else 1):
                self._post([order(number, _now()) for number in batch])
            self.accepted.update(batch)
            time.sleep(pause)

    def feeding(self, numbers: Sequence[int], pause: float = 0.0) -> threading.Thread:
        """The same in a thread that has begun."""
        thread = threading.Thread(target=self.feed, args=(numbers, pause), daemon=True)
        thread.start()
        return thread

    def _post(self, events: list[dict[str, Any]]) -> None:
        until = time.monotonic() + 90
        while True:
            try:
                answer = self._http.post("/v1/events", json=events)
                if answer.status_code == 202:
                    assert not answer.json()["rejected"], answer.text
                    return
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass  # it was killed; the same again, under the same ids
            assert time.monotonic() < until, "the interface has not answered for ninety seconds"
            time.sleep(0.2)

    # The end

    def rest(self, seconds: float) -> None:
        """Wait until nothing is left to do. Raises AssertionError with what is."""
        assert wait_until(self._quiet, seconds, 0.25), "work is left:\n" + "\n".join(busy(self.store)[:5])

    def _quiet(self) -> bool:
        try:
            return not busy(self.store)
        except StoreError:
            return False

    def findings(self, *, settled: bool = True) -> list[str]:
        """Every promise that was not kept; also kept in `findings.txt` beside the processes' logs.

        `settled`: nobody holds a message any more, so that voucher codes can be counted. The count ends them early:
        whoever still had a message in its hands would take another code for it.
        """
        refused = {each for each in self.sink.offered if self._behave(each, 0) == NEVER}
        refused |= {f"o{number}" for number in self.accepted if number >= GONE * CUSTOMER_ORDERS}
        found = broken(self.store, self.sink.mails, self.accepted, refused, settled=settled)
        found += uncalled(self.service.heard, self.accepted)
        (self.folder / "findings.txt").write_text("\n".join(found))
        return found


def _now() -> str:
    return datetime.now(UTC).isoformat()
