"""Measures for Prometheus, shared by all processes of a machine. The only importer of prometheus_client.

Celery's prefork children, the delivering threads and the HTTP interface write into files of one folder, and
whoever is asked adds them up. The library looks for that folder when it is first imported: so `start` is
called by our own commands before anything else may import it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.model.errors import SetupError
from engine.model.record import Record
from engine.runtime.meters import Meters, measure_with
from engine.settings import Settings, share_measures

TEXT = "text/plain; version=0.0.4; charset=utf-8"
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
HOLD_SECONDS = 1.0  # measures of a batch of messages are written after this at the latest
LATE = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)


def folder_of(settings: Settings) -> Path:
    """Where the processes of this machine put their measures."""
    return settings.state_path / "metrics"


def start(settings: Settings, *, fresh: bool = False) -> None:
    """Have this process measure, and those it forks. `fresh` forgets what earlier processes have measured.

    Files of dead processes are removed in any case; their counts begin again. Raises SetupError when the
    folder cannot be written.
    """
    folder = folder_of(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            if fresh or not _alive(file):
                file.unlink(missing_ok=True)
    except OSError as fault:
        raise SetupError(f"{folder} cannot be written ({fault.strerror}): set PARCOURS_STATE_DIR.") from None
    share_measures(folder)
    measure_with(PrometheusMeters())


def _alive(file: Path) -> bool:
    """Does the process that writes this file ('counter_4711.db') still run?"""
    pid = file.stem.rpartition("_")[2]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


class PrometheusMeters(Meters):
    """Counters and histograms."""

    def __init__(self, registry: Any = None) -> None:
        from prometheus_client import REGISTRY, Histogram
        from prometheus_client import Counter as Counted

        def counter(name: str, text: str, *labels: str) -> Any:
            return Counted(f"parcours_{name}", text, labels, registry=registry or REGISTRY)

        def histogram(name: str, text: str, buckets: Sequence[float], *labels: str) -> Any:
            return Histogram(f"parcours_{name}", text, labels, buckets=buckets, registry=registry or REGISTRY)

        self._events = counter("events", "Events taken in.", "outcome")
        self._ingest = histogram("ingest_seconds", "Taking in a batch of events.", QUICK)
        self._entries = counter("advance_entries", "Events and timers decided and committed.")
        self._advance = histogram("advance_seconds", "Deciding and committing a batch.", QUICK)
        self._late = histogram("timer_lateness_seconds", "How long after its instant a timer was decided.", LATE)
        self._outcomes = counter("outcomes", "What was decided, and by which rule.", "kind", "rule", "channel")
        self._journeys = counter("journeys", "What was decided in which journey.", "journey", "kind")
        self._sends = counter("sends", "Calls of providers.", "channel", "provider", "outcome")
        self._provider = histogram("provider_seconds", "Calls of providers.", QUICK, "channel", "provider")
        self._decisions = counter("decisions", "Placements answered.", "placement", "how")
        self._decision = histogram("decision_seconds", "Answering a placement, reading included.", QUICK)
        self._rules = counter("rule_failures", "Answers of rules that durable_rules owed.")
        self._http = counter("http_requests", "Requests answered.", "method", "route", "status")
        self._http_time = histogram("http_seconds", "Answering a request.", QUICK, "route")

        self._known: dict[tuple[Any, ...], Any] = {}
        self._of_thread = threading.local()

    def _one(self, of: Any, *labels: str) -> Any:
        """A labelled counter; looking it up in the library costs more than counting."""
        key = (id(of), *labels)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = of.labels(*labels)
        return found

    def ingested(self, accepted: int, duplicates: int, seconds: float) -> None:
        self._events.labels("accepted").inc(accepted)
        if duplicates:
            self._events.labels("duplicate").inc(duplicates)
        self._ingest.observe(seconds)

    def advanced(self, entries: int, seconds: float) -> None:
        self._entries.inc(entries)
        self._advance.observe(seconds)

    def woken(self, late: float) -> None:
        self._late.observe(late)

    def recorded(self, records: Sequence[Record]) -> None:
        held = self._held()
        for record in records:
            rule = record.reason.partition(":")[0].partition(" ")[0]
            held.counts[self._one(self._outcomes, record.kind, rule, record.channel)] += 1
            if record.journey:
                held.counts[self._one(self._journeys, record.journey, record.kind)] += 1
        held.count_if_due()

    def sent(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        held = self._held()
        held.counts[self._one(self._sends, channel, provider, outcome)] += 1
        held.times.append((self._one(self._provider, channel, provider), seconds))
        held.count_if_due()

    @contextmanager
    def together(self) -> Iterator[None]:
        held = self._of_thread.held = _Held(HOLD_SECONDS)
        try:
            yield
        finally:
            del self._of_thread.held
            held.count()

    def _held(self) -> _Held:
        return getattr(self._of_thread, "held", None) or _Held(0.0)

    def decided(self, placement: str, how: str, seconds: float) -> None:
        self._one(self._decisions, placement, how).inc()
        self._decision.observe(seconds)

    def rules_failed(self, answers: int) -> None:
        self._rules.inc(answers)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._http.labels(method, route, str(status)).inc()
        self._http_time.labels(route).observe(seconds)


class _Held:
    """What is still to be counted: one write into a shared file for many, in a row, takes a fifth of one for each."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since = seconds, time.monotonic()
        self.counts: Counter[Any] = Counter()
        self.times: list[tuple[Any, float]] = []

    def count_if_due(self) -> None:
        """Count, when that was put off for long enough."""
        if time.monotonic() - self._since >= self._seconds:
            self.count()

    def count(self) -> None:
        """Tell the library."""
        for counter, more in self.counts.items():
            counter.inc(more)
        for histogram, seconds in self.times:
            histogram.observe(seconds)
        self.counts.clear()
        self.times.clear()
        self._since = time.monotonic()


def measures(*more: Any) -> bytes:
    """All measures of this machine as text, with those of further collectors."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for collector in more:
        registry.register(collector)
    return bytes(generate_latest(registry))


def gone(pid: int) -> None:
    """A process of ours has ended: its gauges end with it, its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead

    with suppress(OSError):
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def show(host: str, port: int) -> bool:
    """Answer GET /metrics in a thread of this process; False when the port is taken (another process shows them)."""
    from threading import Thread
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            return None

    def answer(environ: Any, respond: Any) -> list[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            respond("404 Not Found", [("Content-Type", "text/plain")])
            return [b"GET /metrics\n"]
        respond("200 OK", [("Content-Type", TEXT)])
        return [measures()]

    try:
        server = make_server(host, port, answer, handler_class=Silent)
    except OSError:
        return False
    Thread(target=server.serve_forever, daemon=True, name="metrics").start()
    return True
