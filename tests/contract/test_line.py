"""The connection that answers are asked by, from the event loop of the interface, on a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from engine.model.ids import shard_of
from engine.runtime.asking.line import Line
from engine.runtime.decisions import read_decision
from engine.runtime.embedded import find_or_bring
from engine.runtime.lua import library
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.asked import App

BODY: dict[str, Any] = {"profile": "customer_id:ana", "placement": "web.home", "budget_ms": 10_000}


@asynccontextmanager
async def asking(app: App) -> AsyncIterator[Any]:
    """The interface as a server runs it; `ask` asks it a question and gives the decoded answer."""

    async def ask(**more: Any) -> Any:
        found = await client.post("/v1/decisions", json={**BODY, **more}, headers={"X-API-Key": "k" * 20})
        assert found.status_code == 200, found.text
        return found.json()

    async with app.app.router.lifespan_context(app.app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app.app), base_url="http://x") as client:
            yield ask
        await asyncio.sleep(0)


def actions(told: Any) -> list[str]:
    return [each["action"] for each in told["decisions"][0]["actions"]]


def test_many_at_once_are_told_what_each_is_told_alone(redis_url: str) -> None:
    app = App(Store.open(redis_url))
    people = [{"customer_id": f"c{number}"} for number in range(30)]
    for number, who in enumerate(people):
        app.happens("tier_changed", who=who, tier="gold" if number % 2 else "silver", work=number == len(people) - 1)
    alone = [actions(app.ask(profile=who)) for who in people]

    async def all_at_once() -> list[Any]:
        async with asking(app) as ask:
            asked = [ask(profile=who, request_id=f"r{number}") for number, who in enumerate(people)]
            return list(await asyncio.gather(*asked))

    together = asyncio.run(all_at_once())
    assert [actions(told) for told in together] == alone
    assert not any("degraded" in told for told in together)
    shards, store = {shard_of(told["profile"]) for told in together}, app.engine.store
    logged = [read_decision(fields) for shard in shards for _, fields in store.shards.read_log(shard)]
    written = {each.id for each in logged if each is not None}
    assert {told["decisions"][0]["decision_id"] for told in together} < written  # with those that were asked alone
    another = App(Store.open(redis_url))  # in another process
    again = another.ask(profile=people[3], request_id="r3")
    another.close()
    assert again["decisions"] == together[3]["decisions"]


def test_functions_that_a_server_has_lost_are_brought_back(redis_url: str) -> None:
    app = App(Store.open(redis_url))

    async def after_a_loss() -> Any:
        async with asking(app) as ask:
            await ask()
            app.engine.store.redis.function_delete(library()[0])
            return await ask()

    assert "degraded" not in asyncio.run(after_a_loss())


def test_an_answer_is_in_time_while_the_store_hangs_and_when_it_is_back(tmp_path: Path) -> None:
    with find_or_bring(load(workspace=tmp_path, redis_url=None)) as server:
        app = App(Store.open(server.url))
        pausing = redis.Redis.from_url(server.url)

        async def through_it_all() -> None:
            async with asking(app) as ask:
                assert "degraded" not in await ask()
                pausing.client_pause(1300)
                begun = time.monotonic()
                told = await asyncio.gather(*[ask(budget_ms=150) for _ in range(20)])
                assert time.monotonic() - begun < 1.0
                assert {each.get("degraded") for each in told} == {"out_of_time"}
                await asyncio.sleep(1.4)
                assert "degraded" not in await ask()
                pausing.client_kill_filter(_type="normal")
                assert "degraded" not in await ask()  # the connection broke; the next is there within its time
                app.engine.store.redis.close()
                server.stop()
                assert (await ask(budget_ms=100))["degraded"] in ("store_away", "out_of_time")
                await asyncio.sleep(1.2)
                begun = time.monotonic()
                assert (await ask())["degraded"] == "store_away"  # at once: whoever has time does not wait in vain
                assert time.monotonic() - begun < 1.0

        asyncio.run(through_it_all())
        pausing.close()


def test_an_error_is_an_answer_like_others_and_after_its_end_a_line_says_nothing(redis_url: str) -> None:
    async def asked() -> None:
        line = Line(redis_url)
        await line.open()
        pong, fault = await line.ask([("PING",), ("NO_SUCH_COMMAND",)], asyncio.get_running_loop().time() + 5)
        assert pong == b"PONG"
        assert await line.ask([], 0) == []
        assert isinstance(fault, redis.ResponseError)
        line.close()
        await asyncio.sleep(0.01)
        with pytest.raises(redis.ConnectionError):
            await line.ask([("PING",)], asyncio.get_running_loop().time() + 5)

    asyncio.run(asked())
