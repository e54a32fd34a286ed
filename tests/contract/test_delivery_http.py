"""Messages, dead letters and broadcasts over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.runtime import keys
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import Recording, joined, shop, sources

NEWS = "journey: news\npurpose: service\nstart: {request: true}\nsteps: [{send: offer, via: email}]\n"


def test_an_operator_sees_and_acts_over_http(redis_url: str) -> None:
    store = Store.open(redis_url)
    publish(store, sources(news=NEWS))
    fixed = shop(store, Recording())
    engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    engine.accept([joined()])
    drain(engine)
    store.redis.xadd(keys.dead(3), {"w": "nobody", "profile": "nobody", "reason": "Fault: x", "trace": "t", "at": 1})
    app = create_app(engine, Keys(["k"]))

    def call(method: str, path: str, body: Any, key: str = "k") -> httpx.Response:
        async def told() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
                return await client.request(method, path, json=body, headers={"X-API-Key": key})

        return asyncio.run(told())

    def get(path: str, status: int = 200) -> Any:
        answer = call("GET", path, None)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(path: str, body: Any, status: int = 200) -> Any:
        answer = call("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    (sent,) = get("/v1/messages")
    assert (sent["message"], sent["status"]) == ("welcome", "sent")
    assert "Hello ana" in get(f"/v1/messages/{sent['id']}")["parts"]["text"]
    assert get("/v1/messages?unknown=true") == []
    get("/v1/messages/m00", 404)
    get("/v1/messages?limit=0", 422)
    (letter,) = get("/v1/dead")
    assert (letter["reason"], "trace" in letter) == ("Fault: x", False)
    assert get(f"/v1/dead/{letter['id']}")["trace"] == "t"
    get("/v1/dead/7-1-1", 404)
    unclear: list[Any] = [[], {}, {"ids": "x"}, {"all": True, "reason": "x"}]
    for body in unclear:
        post("/v1/dead/replay", body, 422)
    post("/v1/dead/replay", {"ids": ["7-1-1"]}, 404)
    assert post("/v1/dead/replay", {"reason": "fault"}) == {"taken_up": 1}
    assert post("/v1/dead/replay", {"all": True}) == {"taken_up": 0}
    for impossible in ({}, {"journey": "welcome"}, {"journey": "nothing"}):
        post("/v1/broadcasts", impossible, 422)
    begun = post("/v1/broadcasts", {"journey": "news"}, 202)
    assert (begun["state"], begun["total"]) == ("running", 1)
    assert [each["id"] for each in get("/v1/broadcasts")] == [begun["id"]]
    get("/v1/broadcasts/b1", 404)
    assert post(f"/v1/broadcasts/{begun['id']}/stop", {})["state"] == "stopped"
    assert get(f"/v1/broadcasts/{begun['id']}")["state"] == "stopped"
    assert call("GET", "/v1/dead", None, "no").status_code == 401
