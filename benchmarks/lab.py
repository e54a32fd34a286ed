"""A private installation: a workspace, a Redis of its own, real workers, and an account of their time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Self

from engine.define.folder import with_shared
from engine.model.event import Event
from engine.model.plan import Plan
from engine.runtime.app import bells_of
from engine.runtime.embedded import RedisServer, find_or_bring
from engine.runtime.engine import Engine
from engine.runtime.plans import publish
from engine.runtime.store import Store
from engine.settings import environment, load

BATCH = 200
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Lab:
    """One installation for one measurement; everything of it is gone afterwards. Use as a context manager."""

    def __init__(self, sources: dict[str, str], **settings: object) -> None:
        self.sources = with_shared(sources)
        self.folder = Path(tempfile.mkdtemp(prefix="parcours-bench-"))
        links = {"public_url": "https://links.shop.example", "link_secret": "the-secret-of-this-benchmark"}
        own = {"workspace": self.folder, "state_dir": self.folder / "state", "log_level": "warning"}
        self._given = {**own, **links, **settings}
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.server: RedisServer | None = None

    def __enter__(self) -> Self:
        bare = load(**self._given)
        self.server = find_or_bring(bare)
        self.settings = bare.model_copy(update={"redis_url": self.server.url, "broker_url": self.server.broker_url})
        self.store = Store.open(self.server.url)
        self.plan: Plan = publish(self.store, self.sources)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.workers.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.store.close()
        if self.server is not None:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def engine(self) -> Engine:
        """The engine of this process: it takes events in and rings for the workers."""
        settings = load(**self.settings.model_dump())
        return Engine.of(settings, str(self.settings.redis_url), bells_of(settings))

    def start(self, *kinds: str) -> None:
        """Start workers: advance, deliver."""
        for kind in kinds:
            name = f"{kind}-{len(self.workers)}"
            with (self.folder / f"{name}.log").open("wb") as log:
                self.workers[name] = subprocess.Popen(
                    [sys.executable, "-m", "engine", "worker", f"--{kind}"],
                    env={**os.environ, **environment(self.settings)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )

    def accept(self, events: Iterable[Event]) -> None:
        """Take events in, in batches."""
        batch: list[Event] = []
        for event in events:
            batch.append(event)
            if len(batch) == BATCH:
                self.engine.accept(batch)
                batch = []
        if batch:
            self.engine.accept(batch)

    def cpu(self) -> float:
        """Seconds of processor time of our own processes: this one and the workers with their children."""
        return time.process_time() + sum(group_cpu(process.pid) for process in self.workers.values())

    def redis_cpu(self) -> float:
        """Seconds of processor time of Redis."""
        return of_process(int(self.store.redis.info("server")["process_id"]))

    def memory(self) -> int:
        """Bytes that Redis holds."""
        return int(self.store.redis.info("memory")["used_memory"])


def group_cpu(leader: int) -> float:
    """Processor seconds of a process group, ended children included. 0 where there is no /proc."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            ticks += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if fields[1] == "1" else 0)
    return ticks / TICKS


def of_process(pid: int) -> float:
    """Processor seconds of one process. 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def wait_until(done: Callable[[], bool], seconds: float, what: str, every: float = 0.005) -> None:
    """Come back as soon as `done`, which is asked each `every` seconds; raises TimeoutError."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not done within {seconds:.0f} s")
        time.sleep(every)
