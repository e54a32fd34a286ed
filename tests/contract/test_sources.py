"""Other programs' events over HTTP: Segment's own client, Shopify's signed webhooks, CloudEvents; what is no event of
ours is kept with its reason, and read again when the workspace knows it."""

from __future__ import annotations

import gzip
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client

from engine.runtime import dead, keys
from engine.runtime.bells import Noted
from engine.runtime.blob import read_profile
from engine.runtime.doctor.finding import Patient
from engine.runtime.doctor.sources import sources as sources_looked_at
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.refused import LASTS, forget
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.served import serving
from tests.contract.shop import Recording, sources
from tests.unit.docs.pages import ROOT

VOCABULARY = (ROOT / "journeys/vocabulary.yaml").read_text("utf-8")
SEGMENT = (ROOT / "journeys/segment.yaml").read_text("utf-8")
CLOUD = (ROOT / "journeys/cloudevents.yaml").read_text("utf-8")
SHOPIFY = (ROOT / "examples/sources/shopify.yaml").read_text("utf-8")
KEY = {"Authorization": "Bearer write-key"}
CLOUD_EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "basket_viewed", "subject": "cloe"}


def files(segment: str = SEGMENT) -> dict[str, str]:
    return sources(vocabulary=VOCABULARY, segment=segment, cloudevents=CLOUD, shopify=SHOPIFY)


@pytest.fixture
def engine(redis_url: str) -> Iterator[Engine]:
    store = Store.open(redis_url)
    publish(store, files())
    yield Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())
    store.close()


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    settings = load(source_secrets="shopify=old woocommerce=x shopify=new")
    with serving(engine, ["ingest:write-key", "read:other"], settings) as found:
        yield found


def known(engine: Engine, customer: str) -> Any:
    """The customer of that number, after all work is done."""
    drain(engine)
    (owner,) = engine.store.known([("customer_id", customer)]).values()
    return read_profile(engine.store.shards.profiles([owner])[owner])


def test_segments_own_client_unchanged(engine: Engine, url: str) -> None:
    # given the client of the package registry, pointed here, with bodies packed by gzip
    client = Client("write-key", host=url, gzip=True, sync_mode=True, max_retries=0, timeout=10)
    now = datetime.now(UTC)
    # when it is used as its manual says
    client.identify("u1", {"firstName": "Ana", "email": "ana@example.com", "shoeSize": 38}, timestamp=now)
    client.alias("anonymous-7", "u1")
    products = [{"product_id": "boots", "name": "Boots", "quantity": 1, "price": 129.0, "position": 3}]
    ordered = {"order_id": "o1", "total": 129.0, "products": products, "currency": "EUR"}
    client.track("u1", "Order Completed", ordered, message_id="m1")
    client.track("u1", "Order Completed", ordered, message_id="m1")  # sent again, as after a lost answer
    client.page("u1", "Home")
    client.group("u1", "g1")
    client.screen("u1", "Start")
    client.track("u1", "Never Heard Of", {"a": 1})
    # then the customer is known, with traits as attributes, and one order
    ana = known(engine, "u1")
    assert (ana.attributes["first_name"], ana.attributes["email"], ana.attributes["orders"]) == (
        "Ana",
        "ana@example.com",
        1,
    )
    assert ana.identifiers["cookie"] == ["anonymous-7"]
    (order,) = ana.history["order_placed"]
    assert order.data["lines"] == [{"sku": "boots", "name": "Boots", "quantity": 1, "price": 129}]
    # and what nobody has heard of was not asked for again, and is not lost
    (letter,) = dead.letters(engine.store)
    assert "Never Heard Of" in letter.reason
    assert letter.sent is not None
    # when the workspace has learnt the word, it is taken up
    assert dead.replay(engine.store, [letter]) == 0
    publish(engine.store, files(SEGMENT + "  Never Heard Of: visit_ended\n"))
    assert dead.replay(engine.store, [dead.letter(engine.store, letter.id)]) == 1
    assert dead.letters(engine.store) == []
    assert len(known(engine, "u1").history["visit_ended"]) == 1


def test_single_calls_as_browsers_send_them_and_those_that_are_refused(engine: Engine, url: str) -> None:
    message = {"messageId": "b1", "userId": "u2", "traits": {"firstName": "Bo"}, "writeKey": "write-key"}
    for path, headers in (("/v1/i", {"Content-Type": "text/plain"}), ("/v1/identify", KEY)):
        answer = httpx.post(url + path, content=json.dumps(message), headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert known(engine, "u2").attributes["first_name"] == "Bo"

    def status(content: bytes, **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(url + "/v1/batch", content=content, headers=given).status_code

    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert status(bomb, X_API_Key="write-key", Content_Encoding="gzip") == 413
    assert status(bomb[:1000], X_API_Key="write-key", Content_Encoding="gzip") == 400
    assert status(b"no gzip", X_API_Key="write-key", Content_Encoding="gzip") == 400
    assert status(b"{}", X_API_Key="write-key", Content_Encoding="br") == 415
    assert status(b'{"batch": 5}', X_API_Key="write-key") == 400
    assert status(b"[]", X_API_Key="write-key") == 400
    assert status(b'{"batch": [1, null, "a", {}, []]}', X_API_Key="write-key") == 200
    assert status(b'{"batch": [%s]}' % b",".join([b"1"] * 5_001), X_API_Key="write-key") == 413
    odd = b'{"batch": [{"n": %d}, {"n": %s}]}' % (10**30, b"[" * 500 + b"]" * 500)
    assert status(odd, X_API_Key="write-key") == 200
    half = rb'{"batch": [{"type": "identify", "messageId": "h", "userId": "u3", "traits": {"firstName": "Bo \ud83d"}}]}'
    assert status(half, X_API_Key="write-key") == 200
    assert known(engine, "u3").attributes["first_name"] == "Bo ?"
    for no_json in (b'{"batch": [NaN]}', b'{"batch": [1,]}', b"[" * 5_000):
        assert status(no_json, X_API_Key="write-key") == 400
    assert status(b'{"batch": []}', X_API_Key="other") == 403
    assert status(b'{"batch": [], "writeKey": "nobody"}') == 401
    # what was set aside is kept for a week
    assert len(dead.letters(engine.store)) == 7
    assert 0 < engine.store.redis.pttl(keys.REFUSED) <= LASTS
    forget(engine.store, engine.store.clock().server + 1)
    assert dead.letters(engine.store) == []


def test_shopify_signs_the_very_bytes_and_tries_again_when_it_hears_nothing(engine: Engine, url: str) -> None:
    order = {"id": 1, "created_at": "2026-01-01T10:00:00Z", "total_price": "9.50", "customer": {"id": 77}}
    body = json.dumps(order, indent=1).encode()

    def post(content: bytes, secret: str, topic: str = "orders/create", source: str = "shopify") -> httpx.Response:
        signature = b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": "w1"}
        return httpx.post(f"{url}/v1/sources/{source}", content=content, headers=headers)

    found = {each.what: each for each in sources_looked_at(Patient(engine.store, load(source_secrets="other=x")))}
    assert (found["source shopify"].level, found["source segment"].level) == ("bad", "ok")
    assert post(body, "new").json() == {"accepted": 1, "duplicates": 0, "aside": 0}
    assert post(body, "old").json() == {"accepted": 0, "duplicates": 1, "aside": 0}
    assert post(body, "wrong").status_code == 401
    assert post(body.replace(b" ", b""), "new").json()["duplicates"] == 1
    assert httpx.post(f"{url}/v1/sources/shopify", content=body).status_code == 401
    assert post(body, "new", source="segment").status_code == 404
    assert post(b"{}", "new", topic="app/uninstalled").json()["aside"] == 1
    ping = {"Content-Type": "application/x-www-form-urlencoded"}
    assert httpx.post(f"{url}/v1/sources/shopify", content=b"webhook_id=1", headers=ping).status_code == 200
    assert known(engine, "77").attributes["orders"] == 1
    (aside,) = [each for each in sources_looked_at(Patient(engine.store, load())) if each.level == "warn"]
    assert "1 that are no event" in aside.found
    (letter,) = dead.letters(engine.store)
    assert letter.sent is not None
    assert set(letter.sent["headers"]) == {"x-shopify-topic", "x-shopify-webhook-id"}  # no signature is kept


def test_cloud_events_in_their_three_forms(engine: Engine, url: str) -> None:
    def post(content: str, kind: str, **headers: str) -> httpx.Response:
        given = KEY | {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(f"{url}/v1/events", content=content, headers=given)

    one = CLOUD_EVENT | {"data": {"basket_id": "b1"}}
    structured = post(json.dumps(one), "application/cloudevents+json; charset=utf-8")
    assert (structured.status_code, structured.json()["accepted"]) == (202, 1)
    many = [one, one | {"id": "2"}, one | {"id": "3", "type": "nothing"}]
    batch = post(json.dumps(many), "application/cloudevents-batch+json").json()
    assert (batch["accepted"], batch["duplicates"], batch["rejected"][0]["index"]) == (1, 1, 2)
    attributes = {f"ce_{name}": value for name, value in CLOUD_EVENT.items()} | {"ce_id": "4"}
    assert post('{"basket_id": "b4"}', "application/json", **attributes).json()["accepted"] == 1
    assert post('{"basket_id": 4}', "application/json", **attributes | {"ce_type": "nothing"}).status_code == 422
    # headers are written with percent signs, and data may come in base64
    assert post('{"basket_id": "b5"}', "", **attributes | {"ce_id": "%35", "ce_subject": "cl%6Fe"}).status_code == 202
    packed = CLOUD_EVENT | {"id": "6", "data_base64": b64encode(b'{"basket_id": "b6"}').decode()}
    assert post(json.dumps(packed), "application/cloudevents+json").json()["accepted"] == 1
    baskets = [past.data["basket_id"] for past in known(engine, "cloe").history["basket_viewed"]]
    assert sorted(baskets) == ["b1", "b1", "b4", "b5", "b6"]
    # what would be lost is refused
    bad: list[dict[str, object]] = [
        {"data": [1]},
        {"data": "<a/>"},
        {"data_base64": "%%"},
        {"data_base64": "eA=="},
        {"specversion": "2.0"},
    ]
    refused = post(json.dumps([CLOUD_EVENT | {"id": "7"} | each for each in bad]), "application/cloudevents-batch+json")
    fields = [each["field"] for each in refused.json()["rejected"]]
    assert (refused.status_code, fields) == (422, ["data", "data", "data_base64", "data_base64", "specversion"])
