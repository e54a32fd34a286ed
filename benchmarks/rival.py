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

from benchmarks.lab import group_cpu, wait_until
from benchmarks.sinks import Sink
from engine.runtime.embedded import find_or_bring
from engine.settings import load

STILL_SECONDS = 20.0  # a worker that has done nothing for so long has nothing that it knows of


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
        self._start()
        self.redis: Any = redis.Redis.from_url(self._server.url)
        from benchmarks import homemade

        self.app = homemade
        homemade.URL = self._server.url
        # one run has several of these, and the application would go on with the broker of the first
        self._link = homemade.app.connection(self._server.broker_url)
        homemade.only_state.apply_async(({"id": "warm", "customer_id": "warm"},), connection=self._link)
        wait_until(lambda: int(self.redis.get("done") or 0) == 1, 30, "the home-made worker")
        return self

    def _start(self) -> None:
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "benchmarks.homemade", "worker", "-c", "2", "-l", "error"],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _kill(self) -> None:
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._link.close()
        self._server.stop()
        self._folder.cleanup()

    def events(self, task: str, count: int, sink: Sink | None = None) -> tuple[float, float]:
        """(events in a second, processor seconds for each) from the first call to the last effect."""
        before, had = int(self.redis.get("done")), sink.count if sink else 0
        begun, spent = time.perf_counter(), time.process_time() + group_cpu(self._worker.pid)
        call = getattr(self.app, task)
        for number in range(count):
            call.apply_async(({"id": f"e{number}", "customer_id": f"c{number}"},), connection=self._link)
        wait_until(lambda: int(self.redis.get("done")) - before >= count, 600, task)
        if sink is not None:
            wait_until(lambda: sink.count - had >= count, 60, task)
        took = time.perf_counter() - begun
        return count / took, (time.process_time() + group_cpu(self._worker.pid) - spent) / count

    def latency(self, count: int, sink: Sink) -> list[float]:
        """Milliseconds from the call to the letter's arrival, one at a time."""
        took = []
        for number in range(count):
            had, begun = sink.count, time.time()
            event = {"id": f"e{number}", "customer_id": f"c{number}"}
            self.app.by_mail.apply_async((event,), connection=self._link)
            wait_until(lambda had=had: sink.count > had, 30, "a letter")  # type: ignore[misc]
            took.append((sink.at(had) - begun) * 1e3)
            time.sleep(0.05)
        return took

    def kills(self, count: int, kills: int, sink: Sink) -> tuple[int, int]:
        """(letters not sent although nothing moves any more, letters sent twice) after so many SIGKILLs."""
        for number in range(count):
            event = {"id": f"e{number}", "customer_id": f"c{number}"}
            self.app.by_mail.apply_async((event,), connection=self._link)
        for killed in range(1, kills + 1):
            part = count * killed // (kills + 1)
            wait_until(lambda part=part: sink.count >= part, 120, "the home-made worker")  # type: ignore[misc]
            self._kill()
            self._start()
        seen, since = sink.count, time.monotonic()
        while sink.count < count and time.monotonic() - since < STILL_SECONDS:
            if sink.count > seen:
                seen, since = sink.count, time.monotonic()
            time.sleep(0.1)
        sent = {
            name for name in self.redis.scan_iter("customer:c*", count=1_000) if self.redis.hexists(name, "welcomed")
        }
        return count - len(sent), max(sink.count - len(sent), 0)

    def timers(self, count: int, spread: float) -> tuple[list[float], float]:
        """(seconds late of each, bytes of Redis for each) of `count` waits that end within `spread` seconds."""
        before = self.redis.info("memory")["used_memory"]
        start = datetime.now(UTC) + timedelta(seconds=10 + count / 500)
        for number in range(count):
            due = start + timedelta(seconds=spread * number / count)
            self.app.after_a_wait.apply_async((due.timestamp(),), eta=due, connection=self._link)
        held = (self.redis.info("memory")["used_memory"] - before) / count
        wait_until(lambda: self.redis.llen("late") >= count, 300, "the home-made timers")
        return [float(each) for each in self.redis.lrange("late", 0, -1)], held
