"""Measures and logs of the whole way, with Celery's own prefork; and nothing personal in any log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.model.errors import SetupError
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import prometheus
from engine.runtime.app import bells_of
from engine.runtime.clock import Clock
from engine.runtime.embedded import broker_url_of
from engine.runtime.engine import Engine
from engine.runtime.logs import set_up_logs
from engine.runtime.meters import Meters, measure_with
from engine.runtime.otel import start_tracing
from engine.runtime.plans import publish
from engine.runtime.prometheus import PrometheusMeters
from engine.runtime.pump import drain
from engine.runtime.spans import trace_with
from engine.runtime.store import Store
from engine.settings import Settings, environment, load
from tests.contract.shop import START, Recording, agreed, event, joined, shop, sources

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)
PERSONAL = re.compile(r"fernhill\.example|\+336|Martin|Lyon street|ana@", re.IGNORECASE)


@contextmanager
def worker(settings: Settings, log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker with its output in a file."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", "worker", *options],
            env=environment(settings), stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def shown(port: int) -> dict[str, float]:
    """What a worker shows: 'name{labels}' -> value; nothing while it does not answer."""
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    except httpx.HTTPError:
        return {}
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_what_prefork_children_do_is_counted_and_logged_as_json(store: Store, tmp_path: Path) -> None:
    # given a real worker with two children, which shows its measures
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = load(
        workspace=tmp_path, redis_url=store.url, broker_url=broker_url_of(store.url), metrics_port=port,
        log_format="json", log_level="debug", advance_workers=2,
    )  # fmt: skip
    Clock(store).hold(START)
    publish(store, sources())
    engine = Engine.of(settings, store.url, bells_of(settings))
    log = tmp_path / "worker.log"
    with worker(settings, log, "--advance"):
        # when sixty customers join
        engine.accept([joined(f"e{number}", f"ana{number}", phone="+33612345678") for number in range(60)])
        until = time.monotonic() + 40
        while shown(port).get("parcours_advance_entries_total", 0) < 60 and time.monotonic() < until:
            time.sleep(0.2)
        # then every one is counted, whichever child did it
        measures = shown(port)
    engine.close()
    assert measures["parcours_advance_entries_total"] == 60
    assert measures['parcours_journeys_total{journey="welcome",kind="started"}'] == 60
    assert measures["parcours_advance_seconds_count"] >= 1
    assert not [name for name in measures if "ana" in name.replace("parcours_advance", "")]
    # and every line of the log is JSON, with ids to follow and nothing personal
    said = [line for line in log.read_text().splitlines() if line.strip()]
    assert [line for line in said if not line.startswith(("{", "worker: Warm shutdown"))] == []  # Celery's last word
    lines = [json.loads(line) for line in said if line.startswith("{")]
    assert {"e7"} & {line.get("event_id") for line in lines if line.get("message_id")}
    assert PERSONAL.search(log.read_text()) is None


def test_nothing_personal_is_logged_on_the_whole_way(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # given the loudest logs, and a provider that repeats the address in every kind of trouble
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs(load(workspace=tmp_path, log_level="debug"), "test")
    try:
        answers = iter(["unknown", "retry", "bad_address", "refused", "accepted"])

        def provide(outgoing: Outgoing) -> SendOutcome:
            kind = next(answers, None)
            if kind is None:
                raise ValueError(f"550 {outgoing.address}")
            return SendOutcome(kind, f"550 {outgoing.address} Martin", retry_after=0)  # type: ignore[arg-type]

        engine = shop(store, Recording(provide))
        given = {"phone": "+33612345678", "home_store": "Lyon street"}
        for number in range(7):
            engine.accept(
                [agreed(f"a{number}", customer=f"ana{number}"), joined(f"e{number}", f"ana{number}", **given)]
            )
        store.redis.xadd("{p007}:in", {"e": b"ana@fernhill.example is no event"})
        drain(engine)

        async def ask() -> None:
            app = create_app(engine, Keys(["key"]))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://parcours") as client:
                for path in ("/v1/profiles/ana0@fernhill.example/explain", "/v1/ana@fernhill.example"):
                    await client.get(path, headers={"X-API-Key": "key"})

        asyncio.run(ask())
    finally:
        root.handlers[:], root.level = handlers, level
    # then the logs say what happened, and to whom only by an id
    said = capfd.readouterr().err
    assert "outcome=unknown" in said
    assert "outcome=accepted" in said
    assert "set aside" in said
    assert PERSONAL.search(said) is None, PERSONAL.search(said)


def test_labels_are_words_of_the_plan_and_the_http_interface_shows_what_waits(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    measure_with(PrometheusMeters(registry))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    try:
        engine = shop(store, Recording())
        engine.accept([agreed(), joined(), event("page_viewed", "v1")])
        drain(engine)
        engine.accept([event("page_viewed", "v2"), event("page_viewed", "v2")])

        async def ask() -> str:
            app = create_app(engine, Keys(["key"]))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
                await client.get("/v1/profiles/ana@fernhill.example/explain")
                return (await client.get("/metrics")).text

        waiting = asyncio.run(ask())
        text = generate_latest(registry).decode()
    finally:
        measure_with(Meters())
    assert 'parcours_events_total{outcome="accepted"} 4.0' in text
    assert 'parcours_events_total{outcome="duplicate"} 1.0' in text
    assert 'parcours_sends_total{channel="email",outcome="accepted",provider="email:recording"} 1.0' in text
    assert 'parcours_outcomes_total{channel="email",kind="sent",rule=""} 1.0' in text
    assert 'method="GET",route="/v1/profiles/{profile}/explain",status="401"' in text
    assert "parcours_inbox_events 1.0" in waiting
    assert "parcours_dead_letters 0.0" in waiting
    assert "ana" not in re.sub(r"parcours_advance", "", text)


def test_spans_tell_the_way_of_an_event_by_ids_only(store: Store) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace_with(provider.get_tracer("test"))

    def fail(outgoing: Outgoing) -> SendOutcome:
        raise ValueError(f"550 {outgoing.address}")

    try:
        engine = shop(store, Recording(fail))
        engine.accept([joined(phone="+33612345678")])
        drain(engine)
    finally:
        trace_with(None)
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert next(iter(spans)) == "parcours.ingest"
    assert {"parcours.advance", "parcours.deliver", "parcours.provider"} <= set(spans)
    call, batch = spans["parcours.provider"], spans["parcours.deliver"]
    assert (call.attributes or {})["outcome"] == "unknown"
    assert call.parent is not None
    assert call.parent.span_id == batch.context.span_id
    assert PERSONAL.search("".join(span.to_json() for span in spans.values())) is None


def test_nothing_is_traced_unless_it_is_asked_for_and_a_missing_extra_is_said(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    start_tracing(load(workspace=tmp_path), "api")  # no setting: nothing is looked for
    with pytest.raises(SetupError, match=r"pip install 'parcours\[otel\]'"):
        start_tracing(load(workspace=tmp_path, otel_url="http://127.0.0.1:4318/v1/traces"), "api")


def test_files_of_dead_processes_are_removed_and_all_of_them_at_a_fresh_start(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # so that it is put back afterwards
    monkeypatch.setattr(prometheus, "PrometheusMeters", Meters)
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    folder = tmp_path / ".parcours" / "metrics"
    folder.mkdir(parents=True)
    files = [folder / f"counter_{pid}.db" for pid in (dead.pid, os.getpid())]
    for file in files:
        file.touch()
    prometheus.start(load(workspace=tmp_path))
    assert [file.exists() for file in files] == [False, True]
    prometheus.start(load(workspace=tmp_path), fresh=True)
    assert list(folder.iterdir()) == []
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder.resolve())
