"""A case that is opened on the phone is honoured by web, app and till: real processes, and no worker at all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from engine.define.folder import read_folder
from engine.model.ids import profile_id, shard_of
from engine.runtime.app import bells_of
from engine.runtime.decisions import read_decision
from engine.runtime.embedded import find_or_bring
from engine.runtime.engine import Engine
from engine.runtime.plans import publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from engine.settings import environment, load

HOME = Path(__file__).parents[1] / "cases/next_best"
KEY = "k" * 20


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def event(client: httpx.Client, id_: str, name: str, channel: str, **properties: Any) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {"id": id_, "event": name, "profile": {"customer_id": "ana"}, "at": now, "channel": channel}
    assert client.post("/v1/events", json={**body, "properties": properties}).status_code == 202


def test_a_case_opened_on_the_phone_is_honoured_by_all_at_once(tmp_path: Path) -> None:
    bare = load(workspace=tmp_path, api_port=free_port(), api_workers=2, api_keys=(SecretStr(KEY),), decide_ms=10_000)
    with find_or_bring(bare) as server:
        settings = bare.model_copy(update={"redis_url": server.url, "broker_url": server.broker_url})
        store = Store.open(server.url)
        sources = {name: text for name, text in read_folder(HOME).items() if "event: tier_changed" not in text}
        publish(store, sources)
        env = {**os.environ, **environment(settings)}
        api = subprocess.Popen([sys.executable, "-m", "engine", "serve"], env=env)
        try:
            url = f"http://127.0.0.1:{settings.api_port}"
            with httpx.Client(base_url=url, headers={"X-API-Key": KEY}, timeout=20, trust_env=False) as client:
                until = time.monotonic() + 60
                while time.monotonic() < until:
                    try:
                        if client.get("/ready").status_code == 200:
                            break
                    except httpx.TransportError:
                        time.sleep(0.2)
                event(client, "e1", "tier_changed", "web", tier="gold")
                engine = Engine.of(load(**settings.model_dump()), server.url, bells_of(settings))
                drain(engine)
                engine.close()

                def told() -> list[list[str]]:
                    asked = {"profile": {"customer_id": "ana"}, "placements": ["web.home", "app.home", "store.till"]}
                    found = client.post("/v1/decisions", json=asked).json()
                    return [[each["action"] for each in one["actions"]] for one in found["decisions"]]

                assert [each[0] for each in told()] == ["early_access"] * 3
                event(client, "e2", "case_opened", "phone", case_id="c1")
                begun = time.monotonic()
                assert told() == [["call_back"], [], []]
                assert time.monotonic() - begun < 2.0
        finally:
            api.send_signal(signal.SIGTERM)
            assert api.wait(20) == 0
        ana = profile_id("customer_id", "ana")
        logged = [read_decision(fields) for _, fields in store.shards.read_log(shard_of(ana))]
        shown = [each.shown for each in logged if each is not None]
        assert shown[-3:] == [["call_back"], [], []]  # written when the processes ended
        store.close()
