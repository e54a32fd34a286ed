"""An answer in time, whatever happens to the store: with the interface in a process of its own on a real port."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.define.folder import read_folder
from engine.define.workspace import compile_sources
from engine.model.ids import profile_id
from engine.runtime.asking.asker import Asker
from engine.runtime.asking.question import Question
from engine.runtime.bells import Noted
from engine.runtime.embedded import RedisServer, find_or_bring
from engine.runtime.engine import Engine
from engine.runtime.outside import Installation
from engine.runtime.plans import FixedPlan, PublishedPlans, Running
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.asked import HOME, App

SERVICE = "placements:\n  web.help: {show: 1, fallback: recall_notice}\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that may be stopped."""
    with find_or_bring(load(workspace=tmp_path, redis_url=None)) as found:
        yield found


def with_help() -> Any:
    """The workspace with a placement whose fallback nobody can refuse."""
    sources = read_folder(HOME)
    sources["journeys/placements.yaml"] += "  web.help: {show: 1, fallback: recall_notice}\n"
    return compile_sources(sources).sound()


def test_an_interface_starts_where_nothing_is_published_yet_and_where_the_store_is_gone(server: RedisServer) -> None:
    store = Store.open(server.url)
    engine = Engine(store, PublishedPlans(store), FixedSenders(), Noted())
    for stop in (False, True):
        if stop:
            server.stop()
        asker = Asker(engine)
        asker.warm()
        assert not asker.latest.ready
        asker.close()


def test_who_asks_is_answered_in_time_while_the_store_hangs_and_when_it_is_gone(server: RedisServer) -> None:
    app = App(Store.open(server.url), with_help())
    app.asker.warm()  # as the interface does before it takes requests
    assert app.asker.latest.ready
    app.ask("web.home")  # whose templates it makes ready, too
    body = {"profile": "customer_id:ana", "placements": ["web.home", "web.help"], "budget_ms": 300}

    def told() -> tuple[Any, float]:
        begun = time.monotonic()
        found = app.call("POST", "/v1/decisions", json=body)
        assert found.status_code == 200, found.text
        return found.json(), time.monotonic() - begun

    assert "degraded" not in told()[0]
    stopped = app.engine.store.redis.connection_pool.get_connection()
    stopped.send_command("CLIENT", "PAUSE", "1500", "ALL")
    hanging, took = told()
    assert hanging["degraded"] == "out_of_time"
    assert took < 1.0
    shown = [[each["action"] for each in decision["actions"]] for decision in hanging["decisions"]]
    assert shown == [[], ["recall_notice"]]  # a fallback of marketing may have been refused: nobody can know
    time.sleep(1.6)
    assert "degraded" not in told()[0]
    server.stop()
    gone, took = told()
    assert gone["degraded"] in ("store_away", "out_of_time")
    assert took < 1.5
    app.asker.latest.close()


def test_no_voucher_code_is_told_to_whom_nobody_knows_nor_asked_of_a_store_that_hangs(redis_url: str) -> None:
    sources = read_folder(HOME)
    sources["journeys/placements.yaml"] += "  web.help: {show: 1, fallback: recall_notice}\n"
    sources["journeys/pools.yaml"] = "catalog: {vouchers: {items: {sorry: {codes: sorry.csv, low: 1}}}}\n"
    sources["journeys/sorry.csv"] = "code\nS-1\n"
    sources["templates/messages/recall_notice.j2"] = (
        "{% extends layout %}{% block headline %}Sorry{% endblock %}"
        "{% block summary %}{{ voucher('sorry') }}{% endblock %}"
    )
    store, built = Store.open(redis_url), compile_sources(sources).sound()
    app = App(store, built)
    store.vouchers.add("sorry", ["S-1"])
    giving = partial(built.renderer.render, outside=Installation(store))
    object.__setattr__(app.engine, "plans", FixedPlan(Running(built.plan, giving, built.renderer)))
    app.asker.latest.look()

    told = app.asker.safe(Question(("web.help",), links=(("customer_id", "ana"),)), "out_of_time")

    assert b"S-1" not in told
    assert json.loads(told)["decisions"][0]["actions"] == []
    assert store.vouchers.claim("sorry", "m-1", profile_id("customer_id", "ana")) == "S-1"
    app.close()


def test_of_many_who_ask_the_same_at_once_all_are_told_the_same(redis_url: str) -> None:
    one, other = App(Store.open(redis_url)), App(Store.open(redis_url))
    one.happens("tier_changed", tier="gold")
    body = {"profile": "customer_id:ana", "placement": "web.home", "request_id": "r1", "budget_ms": 10_000}

    async def all_at_once() -> set[str]:
        clients = [
            httpx.AsyncClient(transport=httpx.ASGITransport(app=each.app), base_url="http://x") for each in (one, other)
        ]
        asked = [
            clients[number % 2].post("/v1/decisions", json=body, headers={"X-API-Key": "k" * 20})
            for number in range(20)
        ]
        return {found.text for found in await asyncio.gather(*asked)}

    (told,) = asyncio.run(all_at_once())
    assert profile_id("customer_id", "ana") in told
    one.close()
    other.close()
