"""The doctor: a sound installation is told so, and each fault is found, with what to do."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec.structs import replace

from engine.api import ready
from engine.api.app import create_app
from engine.api.auth import Keys
from engine.cli.main import main
from engine.define.workspace import compile_sources
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import keys
from engine.runtime.clock import Clock
from engine.runtime.doctor import mail
from engine.runtime.doctor.examine import examine
from engine.runtime.doctor.finding import Finding, Patient
from engine.runtime.heartbeat import Heart, workers
from engine.runtime.plans import publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.shop import HOUR, SOURCES, START, Recording, agreed, event, joined, shop, sources

ANA = profile_id("customer_id", "ana")
NAME = "parcours._domainkey.fernhill.example"


# One server: what the nodes of a cluster say is the same, node by node.
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)


def found(store: Store, tmp_path: Path, **settings: str) -> dict[str, Finding]:
    patient = Patient(store, load(workspace=tmp_path, redis_url=store.url, **settings))
    return {each.what: each for each in examine(patient)}


def test_all_is_well_where_all_is_well(store: Store, tmp_path: Path) -> None:
    publish(store, sources())
    Heart(store, "both").beat()
    findings = found(store, tmp_path)
    assert [each for each in findings.values() if each.level == "bad"] == []
    assert findings["Redis persistence"].found == "append-only file, everysec: a power cut loses the last second"
    assert findings["delivery"].level == "warn"  # nothing real leaves


def test_what_is_missing_is_bad_and_says_what_to_do(store: Store, tmp_path: Path) -> None:
    findings = found(store, tmp_path, broker_url="redis://127.0.0.1:1/0")
    assert "No plan has been published" in findings["plan"].found
    assert findings["workers: advance"].do == "Start one: parcours worker --advance"
    assert findings["broker"].level == "bad"
    assert all(each.do for each in findings.values() if each.level != "ok")


def test_a_server_that_forgets_or_evicts_is_found(store: Store, tmp_path: Path) -> None:
    before = store.redis.config_get("maxmemory*"), store.redis.config_get("appendonly")
    try:
        store.redis.config_set("maxmemory-policy", "allkeys-lru")
        store.redis.config_set("maxmemory", 400 * 1024 * 1024)
        store.redis.config_set("appendonly", "no")
        findings = found(store, tmp_path)
    finally:
        store.redis.config_set("maxmemory-policy", before[0]["maxmemory-policy"])
        store.redis.config_set("maxmemory", before[0]["maxmemory"])
        store.redis.config_set("appendonly", before[1]["appendonly"])
    assert findings["Redis eviction"].level == findings["Redis persistence"].level == "bad"


def test_work_that_lies_about_is_found(store: Store, tmp_path: Path) -> None:
    # given a timer an hour late, an old event, an abandoned delivery, a dead letter and a clock that stands still
    engine = shop(store, Recording())
    engine.accept([joined()])
    home = shard_of(ANA)
    store.redis.xadd(keys.inbox(3), {"w": "nobody"}, id="1000-0")
    store.redis.zadd(keys.timers(home), {ANA: START - HOUR})
    store.redis.zadd(keys.out(home, "email", "triggered"), {f"{ANA}|m1": START - HOUR})
    store.redis.zadd(keys.sending(home), {f"email|triggered|{ANA}|m2": 1000})
    store.redis.xadd(keys.dead(home), {"reason": "broken"})
    store.redis.xadd(keys.relay(5), {"x": "a parcel"}, id="1000-0")
    findings = found(store, tmp_path)
    for what in ("inboxes", "relays", "timers", "outboxes", "deliveries", "engine time"):
        assert findings[what].level == "bad", what
    assert "in shard 3" in findings["inboxes"].found
    assert findings["dead letters"].found == "1, of which 1 came in the last hour"
    Clock(store).run_from(store.clock().server + HOUR)
    assert "away from the server's" in found(store, tmp_path)["engine time"].found


def test_workers_show_their_release_and_vanish_loudly(store: Store, tmp_path: Path) -> None:
    heart = Heart(store, "both")
    heart.beat()
    ((name, text),) = store.redis.hgetall(keys.WORKERS).items()
    other = json.loads(text)
    store.redis.hset(keys.WORKERS, "old:1", json.dumps(other | {"name": "old:1", "version": "0.0.1"}))
    store.redis.hset(keys.WORKERS, "gone:1", json.dumps(other | {"name": "gone:1", "at": other["at"] - 60_000}))
    store.redis.hset(keys.WORKERS, "ages:1", json.dumps(other | {"name": "ages:1", "at": 1}))
    findings = found(store, tmp_path)
    assert "old:1 (0.0.1)" in findings["releases"].found
    assert "gone:1" in findings["vanished workers"].found
    heart.stop()
    alive, gone = workers(store)
    assert [each.name for each in (*alive, *gone)] == ["old:1", "gone:1"]
    assert name.decode() not in {each.name for each in alive}


def test_the_command_prints_lines_or_json_and_fails_when_something_is_bad(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url)
    said = CliRunner().invoke(main, ["doctor", "-w", str(tmp_path)])
    assert said.exit_code == 1
    assert "BAD   plan" in said.output
    data = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
    assert {"what", "level", "found", "do"} == set(data["findings"][0])
    monkeypatch.setenv("PARCOURS_REDIS_URL", "redis://:hunter2@127.0.0.1:1/0")
    away = CliRunner().invoke(main, ["doctor"])
    assert (away.exit_code, "hunter2" in away.output) == (1, False)
    assert "Without it nothing else can be looked at" in away.output


def test_a_broken_event_is_no_reason_to_fall_over(store: Store, tmp_path: Path) -> None:
    engine = shop(store, Recording())
    engine.accept([event("page_viewed", "v1")])
    store.redis.set(keys.timers(0), "no sorted set")
    assert found(store, tmp_path)["work"].level == "bad"


def test_a_provider_that_is_left_alone_and_messages_nobody_knows_of_are_found(store: Store, tmp_path: Path) -> None:
    def lose(outgoing: Outgoing) -> SendOutcome:
        return SendOutcome("unknown", "the line was cut")

    promotion = SOURCES["journeys/welcome.yaml"].replace("purpose: service", "purpose: marketing")
    engine = shop(store, Recording(lose), compile_sources(sources(welcome=promotion)).sound())
    Clock(store).real()
    now = store.clock().engine
    for number in range(9):
        who = f"ana{number}"
        agrees = replace(agreed(f"a{number}", customer=who), at=now)
        engine.accept([agrees, replace(joined(f"e{number}", who), at=now)])
    drain(engine)
    findings = found(store, tmp_path)
    assert findings["provider email:recording"].level == "warn"
    assert findings["doubtful messages"].level == "warn"
    assert "`parcours messages` lists them" in findings["doubtful messages"].do


def test_ready_is_quick_and_says_who_works(store: Store) -> None:
    engine = shop(store, Recording())

    async def ask() -> dict[str, object]:
        app = create_app(engine, Keys(["key"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
            return dict((await client.get("/ready")).json())

    assert asyncio.run(ask())["status"] == "no workers"
    Heart(store, "both").beat()
    assert asyncio.run(ask())["workers"] == {"advance": 1, "deliver": 1}


def test_ready_does_not_hang_with_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PATIENCE", 0.05)
    monkeypatch.setattr(ready, "workers", lambda _: time.sleep(0.4))
    engine = shop(store, Recording())

    async def ask() -> list[int]:
        app = create_app(engine, Keys(["key"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
            return [(await client.get(path)).status_code for path in ("/ready", "/ready", "/health")]

    begun = time.monotonic()
    assert asyncio.run(ask()) == [503, 503, 200]
    assert time.monotonic() - begun < 5


def test_whether_others_can_verify_what_we_sign(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, sources(brand="brand: {name: Fernhill, sender: {name: Fernhill, email: a@fernhill.example}}"))
    assert "DKIM" not in found(store, tmp_path)
    key = generate_private_key(65_537, 1_024)
    (tmp_path / "dkim.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    public = b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    said = {
        ("v=DKIM1; k=rsa; p=" + public[:50] + " " + public[50:],): "ok",
        ("v=spf1 -all", f"k=rsa;p={public}"): "ok",
        (): "bad",
        ("v=DKIM1; p=",): "bad",  # withdrawn
        (f"v=DKIM1; p={public[:-8]}AAAAAAAA",): "bad",
    }
    for records, level in said.items():
        monkeypatch.setattr(mail, "txt", lambda name, records=records: list(records))
        line = found(store, tmp_path, dkim_key="dkim.pem")["DKIM"]
        assert (line.level, NAME in line.found) == (level, True)
        assert line.do == ("" if level == "ok" else f"Publish a TXT record {NAME}: v=DKIM1; k=rsa; p={public}")
    # nobody can be asked
    monkeypatch.undo()
    monkeypatch.setattr("dns.resolver.resolve", lambda *_, **__: (_ for _ in ()).throw(OSError("no network")))
    assert found(store, tmp_path, dkim_key="dkim.pem")["DKIM"].level == "warn"
