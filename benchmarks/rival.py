"""Runs the home-made way on a Redis of its own and says how fast it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import redis

from benchmarks.lab import _group, wait_until
from benchmarks.sinks import Sink
from engine.runtime.embedded import find_or_bring
from engine.settings import load


class Rival:
    """Two prefork processes of the home-made application. Use as a context manager."""

    def __init__(self, smtp: Sink | None = None, http: Sink | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="parcours-rival-")
        folder = Path(self._folder.name)
        self._server = find_or_bring(load(workspace=folder, state_dir=folder / "state"))
        self._env = {
            **os.environ,
            "BENCH_URL": self._server.url,
            "BENCH_BROKER": self._server.broker_url,
            "BENCH_SMTP": str(smtp.port if smtp else 0),
            "BENCH_HTTP": str(http.port if http else 0),
        }

    def __enter__(self) -> Rival:
        os.environ.update({name: value for name, value in self._env.items() if name.startswith("BENCH_")})
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "benchmarks.homemade", "worker", "-c", "2", "-l", "error"],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.redis: Any = redis.Redis.from_url(self._server.url)
        from benchmarks import homemade

        self.app = homemade
        homemade.URL = self._server.url
        # one run has several of these, and the application would go on with the broker of the first
        self._link = homemade.app.connection(self._server.broker_url)
        homemade.only_state.apply_async(({"id": "warm", "customer_id": "warm"},), connection=self._link)
        wait_until(lambda: int(self.redis.get("done") or 0) == 1, 30, "the home-made worker")
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self._link.close()
        self._server.stop()
        self._folder.cleanup()

    def events(self, task: str, count: int, sink: Sink | None = None) -> tuple[float, float]:
        """(events in a second, processor seconds for each) from the first call to the last effect."""
        before, had = int(self.redis.get("done")), sink.count if sink else 0
        begun, spent = time.perf_counter(), time.process_time() + _group(self._worker.pid)
        call = getattr(self.app, task)
        for number in range(count):
            call.apply_async(({"id": f"e{number}", "customer_id": f"c{number}"},), connection=self._link)
        wait_until(lambda: int(self.redis.get("done")) - before >= count, 600, task)
        if sink is not None:
            wait_until(lambda: sink.count - had >= count, 60, task)
        took = time.perf_counter() - begun
        return count / took, (time.process_time() + _group(self._worker.pid) - spent) / count

    def timers(self, count: int, spread: float) -> tuple[list[float], float]:
        """(seconds late of each, bytes of Redis for each) of `count` waits that end within `spread` seconds."""
        before = self.redis.info("memory")["used_memory"]
        start = datetime.now(UTC) + timedelta(seconds=10 + count / 1500)
        for number in range(count):
            due = start + timedelta(seconds=spread * number / count)
            self.app.after_a_wait.apply_async((due.timestamp(),), eta=due, connection=self._link)
        held = (self.redis.info("memory")["used_memory"] - before) / count
        wait_until(lambda: self.redis.llen("late") >= count, 300, "the home-made timers")
        return [float(each) for each in self.redis.lrange("late", 0, -1)], held
