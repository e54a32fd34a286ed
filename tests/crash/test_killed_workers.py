"""Real workers killed with SIGKILL in the middle of their work: nothing lost, nothing doubled.

Two providers: prompts in a store, where a repetition is harmless, and a push provider that would deliver
every repetition to the customer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.define.folder import with_shared
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.runtime.app import bells_of
from engine.runtime.blob import read_profile
from engine.runtime.embedded import broker_url_of
from engine.runtime.engine import Engine
from engine.runtime.plans import publish
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.shop import SOURCES, records

CUSTOMERS, ORDERS, KILLS = 150, 5, 5
JOURNEYS = {
    "journeys/vocabulary.yaml": """
vocabulary:
  identifiers: {customer_id: strong}
  events:
    account_created: {properties: {push_token: text, home_store: text}}
    order_placed: {properties: {number: integer}}
  customer:
    push_token: {from: account_created.push_token}
    home_store: {from: account_created.home_store}
    orders: {type: integer, count: order_placed}
    latest: {type: integer, from: order_placed.number}
""",
    "journeys/policies.yaml": "policies: {timezone: UTC, delivery: live, purposes: {marketing: {}}}",
    "journeys/welcome.yaml": """
journey: welcome
purpose: marketing
start: {event: account_created}
steps:
  - {send: welcome, via: push}
  - {wait: 1s}
  - {send: offer, via: store}
""",
}


class QuietServer(ThreadingHTTPServer):
    """A killed worker drops its connections; that is what this is about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return None


@dataclass
class PushProvider:
    """Takes every post, slowly enough to be interrupted, and remembers all of them."""

    got: list[str] = field(default_factory=list)

    def __enter__(self) -> PushProvider:
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                got.append(str(body["data"]["address"] if "data" in body else body["address"]))
                time.sleep(0.02)
                self.send_response(202)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return None

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Workers:
    """An advancing and a delivering worker, each with its whole process group."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.env, self.folder = env, folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for kind in ("advance", "deliver"):
            self.start(kind)

    def start(self, kind: str) -> None:
        with (self.folder / f"{kind}.log").open("ab") as log:
            self.running[kind] = subprocess.Popen(
                [sys.executable, "-m", "engine", "worker", f"--{kind}"],
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, kind: str) -> None:
        process = self.running[kind]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.start(kind)

    def stop(self) -> None:
        for process in self.running.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def provider() -> Iterator[PushProvider]:
    with PushProvider() as provider:
        yield provider


@pytest.fixture
def engine(
    redis_url: str, provider: PushProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Engine, Workers]]:
    given = {
        "PARCOURS_REDIS_URL": redis_url,
        "PARCOURS_BROKER_URL": broker_url_of(redis_url),
        "PARCOURS_WORKSPACE": str(tmp_path),
        "PARCOURS_PUSH_WEBHOOK_URL": f"http://127.0.0.1:{provider.server.server_port}/",
        "PARCOURS_WEBHOOK_SECRET": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    store = Store.open(redis_url)
    publish(store, with_shared(SOURCES | JOURNEYS))
    workers = Workers(dict(os.environ), tmp_path)
    settings = load()
    engine = Engine.of(settings, redis_url, bells_of(settings))
    try:
        yield engine, workers
    finally:
        workers.stop()
        engine.close()
        store.close()


def given_events(now: int, customers: range) -> list[Event]:
    """Each customer agrees, joins and orders; the events of all of them mixed."""

    def event(customer: int, name: str, id_: str, **properties: object) -> Event:
        who = {"customer_id": f"c{customer}"}
        return Event(id=f"{id_}-{customer}", name=name, profile=who, at=now, received=now, properties=properties)

    agreed = {"channel": "push", "purpose": "marketing", "state": "granted"}
    events = [event(n, "consent_changed", "a", **agreed) for n in customers]
    for n in customers:
        events.append(event(n, "account_created", "j", push_token=f"token-{n}", home_store=f"store-{n}"))
    for order in range(1, ORDERS + 1):
        events += [event(n, "order_placed", f"o{order}", number=order) for n in customers]
    return events


def idle(engine: Engine) -> bool:
    reading = engine.store.clock()
    looks = engine.store.shards.look(list(engine.running().plan.channels))
    return all(look.idle(reading.engine) and look.next_due() is None for look in looks)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_workers_lose_nothing_and_double_nothing(engine: tuple[Engine, Workers], provider: PushProvider) -> None:
    its, workers = engine
    # when events come in while workers are killed again and again
    size = CUSTOMERS // (KILLS + 1)
    for number in range(KILLS + 1):
        before = len(provider.got)
        events = given_events(its.store.clock().server, range(number * size, (number + 1) * size))
        its.accept(events)
        its.accept(events[: len(events) // 2])  # a client that is not sure repeats itself
        if number < KILLS:
            assert wait_until(lambda before=before: len(provider.got) > before + 5, 30.0)
            workers.kill("advance" if number % 3 == 1 else "deliver")
    # then everything ends
    assert wait_until(lambda: idle(its), 150.0), "work is left: " + str(
        [look for look in its.store.shards.look(["push", "store"]) if look.next_due() or not look.idle(0)][:3]
    )
    # every event was applied once and in order
    ids = [profile_id("customer_id", f"c{n}") for n in range(CUSTOMERS)]
    profiles = [read_profile(blob) for blob in its.store.shards.profiles(ids).values()]
    assert Counter((p.attributes["orders"], p.attributes["latest"]) for p in profiles) == {(ORDERS, ORDERS): CUSTOMERS}
    assert not any(profile.messages or profile.enrolments for profile in profiles)
    # every push arrived once, or is listed as unknown
    told = records(its.store)
    unknown = {record.profile for record in told if record.kind == "unknown" and record.channel == "push"}
    calls = Counter(provider.got)
    assert max(calls.values()) == 1
    missing = [n for n in range(CUSTOMERS) if f"token-{n}" not in calls and ids[n] not in unknown]
    assert missing == []
    print(f"{len(unknown)} of {CUSTOMERS} pushes are unknown")  # shown by -s; how many were on their way is chance
    # a provider that ignores repetitions has every prompt once, and none is unknown
    assert [len(its.store.prompts(f"store-{n}")) for n in range(CUSTOMERS)] == [1] * CUSTOMERS
    assert not [record for record in told if record.kind == "unknown" and record.channel == "store"]
    assert Counter(record.kind for record in told)["started"] == CUSTOMERS


def wait_until(holds: object, seconds: float) -> bool:
    """Whether it comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False
