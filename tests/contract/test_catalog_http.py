"""The catalogue kept current over HTTP: one price in every process within a second, by authors only, for a time."""

from __future__ import annotations

from typing import Any

import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.model.errors import RenderFailed
from engine.runtime import stock as stock_room
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.caller import Caller
from tests.contract.shop import HOUR, START, sources

CATALOG = """
catalog:
  products:
    key: sku
    max_age: 24h
    dated: seen
    fields: {name: text, price: number, stock: integer, online: yes_no, seen: instant}
    items:
      boots: {name: {en: Boots, fr: Bottes}, price: 129, seen: "2025-11-25T09:00:00Z"}
  vouchers: {items: {saver: {}}}
"""
BRAND = "brand: {name: Fernhill, locale: en}\n"
PRICED = """{% extends layout %}
{% block headline %}{{ catalog.products.boots.name }}: {{ catalog.products.boots.price | money }}{% endblock %}
{% block summary %}{{ ui.price((event | listed).price) }}{% endblock %}
"""
ROUTE = "/v1/catalog/products"


class Installation:
    """A shop whose prices are kept current, and two of its processes."""

    def __init__(self, url: str) -> None:
        self.store = Store.open(url)
        files = sources(catalog=CATALOG, brand=BRAND) | {"templates/messages/offer.j2": PRICED}
        publish(self.store, files | {"templates/locales/fr.po": ""})
        Clock(self.store).hold(START)
        self.engines = [Engine(self.store, PublishedPlans(Store(url)), FixedSenders(), Noted()) for _ in range(2)]
        self.keys = Keys(["author:" + "a" * 20, "read:" + "r" * 20, "operate:" + "o" * 20])
        self.author, self.reader, self.operator = (
            Caller(create_app(self.engines[0], self.keys), authorization=f"Bearer {letter * 20}") for letter in "aro"
        )

    def said(self, locale: str = "en") -> list[str]:
        """What two processes say on two channels."""
        roots = {"event": {"sku": "boots", "price": 1}, "now": self.store.clock().engine, "transactional": True}
        found = []
        for engine in self.engines:
            for channel, part in (("push", "title"), ("sms", "text")):
                found.append(engine.running().render("offer", channel, locale, roots).parts[part])
        assert found[:2] == found[2:]
        return found[:2]


@pytest.fixture
def shop(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(stock_room, "LOOK_EVERY", 0.0)
    return Installation(redis_url)


def test_a_price_that_is_put_is_said_everywhere_until_it_is_taken_away_or_too_old(shop: Installation) -> None:
    assert shop.said() == ["Boots: €129.00", "€129.00"]

    answer = shop.author("PUT", ROUTE, json=[{"sku": "boots", "price": 99.5}, {"sku": "tent", "name": "Low tent"}])

    assert (answer.status_code, answer.json()["items"]) == (200, 2)
    assert shop.said() == ["Boots: €99.50", "€99.50"]
    assert shop.said("fr")[0].startswith("Bottes: 99,50")
    item = shop.reader("GET", f"{ROUTE}/boots?locale=fr").json()
    assert item["item"] == {"sku": "boots", "name": "Bottes", "price": 99.5, "seen": "2025-11-25T10:00:00+00:00"}
    assert item["put"] == {"sku": "boots", "price": 99.5, "seen": "2025-11-25T10:00:00+00:00"}
    [kind] = [each for each in shop.reader("GET", "/v1/catalog").json()["kinds"] if each["kind"] == "products"]
    assert (kind["items"], kind["put"], kind["key"]) == (2, 2, "sku")
    # a release in between changes nothing of what was put; a process that begins now knows it all
    shop.engines.append(Engine(shop.store, PublishedPlans(shop.store), FixedSenders(), Noted()))
    assert shop.engines.pop().running().renderer.stock.put()["products"] == 2  # type: ignore[union-attr]
    Clock(shop.store).hold(START + 24 * HOUR + 1)
    with pytest.raises(RenderFailed, match="too old to be said: it was true at 2025-11-25T10:00:00"):
        shop.said()
    shop.author("PUT", ROUTE, json=[{"sku": "boots", "price": 99.5}])
    assert shop.said()[1] == "€99.50"
    Clock(shop.store).hold(START)
    assert shop.author("DELETE", f"{ROUTE}/boots").status_code == 200
    assert shop.said() == ["Boots: €129.00", "€129.00"]
    assert shop.author("DELETE", f"{ROUTE}/boots").status_code == 404


REFUSED: list[tuple[str, Any, int, str]] = [
    (ROUTE, {"sku": "boots"}, 422, "Send a list of 1 to 1,000 items, each with its sku."),
    (ROUTE, [], 422, "Send a list"),
    (ROUTE, [{"sku": str(n)} for n in range(1_001)], 422, "Send a list"),
    (ROUTE, [{"sku": "a"}, "b"], 422, "Item 1: an item is an object. Nothing was put."),
    (ROUTE, [{"id": "boots"}], 422, "Item 0: it has no 'sku'"),
    (ROUTE, [{"sku": True}], 422, "Item 0: it has no 'sku'"),
    (ROUTE, [{"sku": 10**40}], 422, "Item 0: it has no 'sku'"),
    (ROUTE, [{"sku": "x" * 201}], 422, "Item 0: it has no 'sku'"),
    (ROUTE, [{"sku": "a\nb"}], 422, "characters that nobody sees"),
    (ROUTE, [{"sku": "a", "prize": 1}], 422, "'prize' is not among the fields. Did you mean 'price'?"),
    (ROUTE, [{"sku": "a", "price": "99"}], 422, "'price' of item 'a' is '99', but number is declared."),
    (ROUTE, [{"sku": "a", "price": 10**400}], 422, "number is declared"),
    (ROUTE, [{"sku": "a", "price": True}], 422, "number is declared"),
    (ROUTE, [{"sku": "a", "stock": 1.5}], 422, "integer is declared"),
    (ROUTE, [{"sku": "a", "online": "yes"}], 422, "yes_no is declared"),
    (ROUTE, [{"sku": "a", "seen": "today"}], 422, "instant is declared"),
    (ROUTE, [{"sku": "a", "name": ["x"]}], 422, "text is declared"),
    (ROUTE, [{"sku": "a", "name": {"fr": 1}}], 422, "text is declared"),
    (ROUTE, [{"sku": "a", "name": "x" * 10_001}], 422, "text is declared"),
    ("/v1/catalog/product", [{"sku": "a"}], 404, "has no 'product'. Did you mean 'products'?"),
    ("/v1/catalog/vouchers", [{"id": "saver"}], 404, "PUT /v1/vouchers/{pool}"),
]


def test_what_does_not_fit_is_refused_whole_and_only_authors_may(shop: Installation) -> None:
    for path, body, status, said in REFUSED:
        answer = shop.author("PUT", path, json=body)
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text[:300]
    assert shop.store.stock.version() == 0
    for call in (shop.reader, shop.operator):
        assert call("PUT", ROUTE, json=[{"sku": "a"}]).status_code == 403
        assert call("DELETE", f"{ROUTE}/a").status_code == 403
    assert shop.author("GET", ROUTE + "/boots").status_code == 403
    assert shop.reader("GET", ROUTE + "/tent").status_code == 404


def test_there_are_not_too_many_and_what_was_taken_away_is_forgotten(
    shop: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_room, "MOST", 2)
    room = shop.store.stock
    first = room.put([("products", "a", {"sku": "a"}), ("products", "b", {"sku": "b"})])
    assert shop.author("PUT", ROUTE, json=[{"sku": "c"}]).json()["title"] == "Too many items"
    assert shop.author("PUT", ROUTE, json=[{"sku": "a", "price": 5}]).status_code == 200
    shop.said()
    assert room.put([("products", "a", None)]) > first
    assert room.since(first) == [("products", "a", None)]
    shop.said()
    assert shop.engines[1].running().renderer.stock.put()["products"] == 1  # type: ignore[union-attr]
    room.forget(room.version() + stock_room.REMEMBERED + 1)
    assert room.since(0) == [("products", "b", {"sku": "b"})]
    # whoever slept through it all begins anew
    monkeypatch.setattr(stock_room, "REMEMBERED", -2)
    room.put([("products", "b", None)])
    room.forget(2**52)
    room.put([("products", "z", {"sku": "z"})])
    assert shop.engines[0].running().renderer.stock.put()["products"] == 1  # type: ignore[union-attr]
