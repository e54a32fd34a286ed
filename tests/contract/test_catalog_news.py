"""A change of the catalogue reaches those who showed interest in the item: once, in waves, by release or request."""

from __future__ import annotations

import pytest

from engine.model.ids import profile_id
from engine.runtime import item_news, keys
from engine.runtime.bells import Noted
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.shop import SOURCES, START, Recording, event, joined, sources

CATALOG = """
catalog:
  products:
    key: sku
    fields: {name: text, price: number, stock: integer}
    tells:
      cheaper: {when: price falls, interest: [watched, viewed]}
      back: {when: stock returns, interest: watched}
    items:
      boots: {name: {en: Boots, fr: Bottes}, price: 129, stock: 4}
      socks: {name: Socks, price: 12, stock: 0}
"""
EVENTS = """
    watched: {properties: {sku: text}}
    viewed: {properties: {sku: text}}
    cheaper: {properties: {sku: text, name: text, price: number, was: number}}
    back: {properties: {sku: text, stock: integer}}
  customer:"""
JOURNEYS = {
    name: f"journey: {name}\npurpose: service\nstart: {{event: {name}, key: event.sku}}\n"
    "steps: [{send: offer, via: email}]\n"
    for name in ("cheaper", "back")
}
OFFER = """{% extends layout %}
{% block subject %}{{ event.event }} {{ event.sku }} {{ event.name or "" }} {{ event.was or "" }}{% endblock %}
{% block headline %}News{% endblock %}
{% block summary %}News{% endblock %}
{% block body %}News{% endblock %}
"""
FILES = sources(
    catalog=CATALOG,
    brand="brand: {name: Fernhill, locale: en}\n",
    vocabulary=SOURCES["journeys/vocabulary.yaml"].replace("\n  customer:", EVENTS),
    **JOURNEYS,
) | {"templates/messages/offer.j2": OFFER, "templates/locales/fr.po": ""}
FILES.pop("journeys/welcome.yaml")


class Shop:
    """Ana watches the boots, Luc has looked at them, Zoe watches the socks, Max nothing."""

    def __init__(self, store: Store) -> None:
        self.store, self.provider = store, Recording()
        publish(store, FILES)
        Clock(store).hold(START)
        self.engine = Engine(store, PublishedPlans(store), FixedSenders(**{"*": self.provider}), Noted())
        self.engine.accept([joined(f"j{name}", name) for name in ("ana", "luc", "zoe", "max")])
        seen = (("watched", "ana", "boots"), ("viewed", "luc", "boots"), ("watched", "zoe", "socks"))
        self.engine.accept([event(name, f"i-{who}", customer=who, sku=sku) for name, who, sku in seen])
        self.settle()

    def put(self, sku: str, **fields: object) -> None:
        self.store.stock.put([("products", sku, {"sku": sku, **fields})])

    def settle(self) -> list[str]:
        """Everything has been told and has left; who got what since the last time."""
        while item_news.pending(self.store):
            self.engine.item_news()
        drain(self.engine)
        sent = [f"{each.address.partition('@')[0]}: {each.rendered.parts['subject']}" for each in self.provider.sent]
        self.provider.sent.clear()
        return sorted(" ".join(each.split()) for each in sent)


@pytest.fixture
def shop(store: Store, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("engine.runtime.stock.LOOK_EVERY", 0.0)
    return Shop(store)


def test_only_those_are_told_who_showed_interest_in_the_item_that_changed(shop: Shop) -> None:
    assert shop.settle() == []  # what has just been released has not changed
    shop.put("boots", price=99.5)
    assert shop.settle() == ["ana: cheaper boots Boots 129", "luc: cheaper boots Boots 129"]
    # dearer is not cheaper; cheaper again is, than it was before
    shop.put("boots", price=119)
    assert shop.settle() == []
    shop.put("boots", price=118)
    assert [each.rpartition(" ")[2] for each in shop.settle()] == ["119", "119"]
    # back in stock: from none to some, and not some to more
    shop.put("socks", stock=5)
    shop.put("boots", stock=9, price=118)
    assert shop.settle() == ["zoe: back socks"]
    # what begins, or is taken away, has not changed; and what is as it was when it is looked at neither
    shop.put("tent", price=9, stock=3)
    shop.store.stock.put([("products", "boots", None), ("products", "tent", None)])
    assert shop.settle() == []
    shop.put("boots", price=1)
    shop.put("boots", price=129)
    assert shop.settle() == []


def test_a_release_tells_as_well_and_what_was_put_over_an_item_has_the_last_word(shop: Shop) -> None:
    shop.put("socks", stock=0)
    shop.settle()
    changed = CATALOG.replace("price: 129", "price: 100").replace("price: 12, stock: 0", "price: 12, stock: 7")
    publish(shop.store, FILES | {"journeys/catalog.yaml": changed})
    assert [each[:14] for each in shop.settle()] == ["ana: cheaper b", "luc: cheaper b"]
    shop.store.stock.put([("products", "socks", None)])
    assert shop.settle() == ["zoe: back socks"]


@pytest.mark.parametrize("dies_at", ["_look", "_remember"])
def test_nobody_is_told_twice_or_forgotten_when_the_worker_dies(
    shop: Shop, dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put("boots", price=99)
    done = getattr(item_news, dies_at)

    def dies(*given: object) -> None:
        if dies_at == "_look":  # right after it; the other one just before
            done(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(item_news, dies_at, dies)
        with pytest.raises(KeyboardInterrupt):
            shop.engine.item_news()
    assert len(shop.settle()) == 2


def test_interest_shown_afterwards_is_not_told_and_a_full_inbox_goes_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_news, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(item_news, "WAVE_SECONDS", 0.05)
    shop.put("boots", price=99)
    with monkeypatch.context() as patch:
        patch.setattr(item_news, "SHORT", 0)
        assert item_news.work(shop.store, shop.engine.running().plan, shop.engine.bells, seconds=0.05) == 0
    Clock(shop.store).hold(START + 60_000)
    shop.engine.accept([event("watched", "late", START + 60_000, customer="max", sku="boots")])
    drain(shop.engine)
    assert [each.partition(":")[0] for each in shop.settle()] == ["ana", "luc"]


def test_what_leaves_for_a_crowd_waits_behind_others_and_somebody_who_is_gone_stays_gone(shop: Shop) -> None:
    gone = profile_id("customer_id", "nobody")
    shop.store.redis.zadd(keys.people(3), {gone: 0})
    waits = FILES["journeys/cheaper.yaml"].replace("[{send", "[{wait: 1h}, {send")
    publish(shop.store, FILES | {"journeys/cheaper.yaml": waits})
    shop.put("boots", price=99)
    while item_news.pending(shop.store):
        shop.engine.item_news()
    for shard in keys.EVERY_SHARD:
        shop.engine.advance(shard)
    ana = profile_id("customer_id", "ana")
    assert [run.bulk for run in read_profile(shop.store.shards.profiles([ana])[ana]).enrolments.values()] == [True]
    assert shop.store.shards.profiles([gone]) == {}


def test_a_catalogue_that_tells_nobody_is_looked_at_once(shop: Shop) -> None:
    publish(shop.store, FILES | {"journeys/catalog.yaml": "catalog: {products: {fields: {price: number}}}\n"})
    shop.put("boots", price=9)
    assert shop.settle() == []
    assert not item_news.pending(shop.store)
