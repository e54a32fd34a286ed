"""Sources: what other programs send becomes events of ours, by documents that a marketer can read."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from engine.define.mapping import fitted, meant, snake
from engine.define.workspace import Compiled, compile_sources
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.vocabulary import Type
from tests.unit.docs.pages import ROOT

ARRIVED = 1_780_000_000_000
NEW_ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "checkout_token": "b1",
    "created_at": "2026-06-01T08:00:00+02:00",
    "email": "Jon@Example.com",
    "customer": {"id": 115310627314723954, "email": "jon@example.com"},
    "total_price": "404.95",
    "line_items": [{"sku": "IPOD", "title": "iPod", "quantity": 1, "price": "199.00", "grams": 200}],
}
PAID: dict[str, Any] = {
    "id": 727,
    "status": "processing",
    "customer_id": 0,
    "cart_hash": "c1",
    "date_created_gmt": "2026-06-01T06:00:00",
    "date_modified_gmt": "2026-06-01T06:00:05",
    "total": "29.35",
    "billing": {"email": "john@example.com", "phone": ""},
    "line_items": [{"sku": "", "product_id": 93, "name": "Woo", "quantity": 2, "price": 3}],
}


@cache
def compiled() -> Compiled:
    starter = [ROOT / f"journeys/{name}.yaml" for name in ("vocabulary", "segment", "cloudevents")]
    files = [*starter, *(ROOT / "examples/sources").glob("*.yaml")]
    found = compile_sources({f"journeys/{each.name}": each.read_text("utf-8") for each in files}, published=True)
    assert [problem for problem in found.problems if problem.place.file != "journeys"] == []
    return found


def take(source: str, body: Any, **headers: str) -> list[Event]:
    given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    plan = compiled().plan
    return meant(plan.sources[source], plan.vocabulary, body, given, ARRIVED)


def test_a_shopify_order_is_an_order_of_its_customer_whatever_it_is_told_by() -> None:
    (order,) = take("shopify", NEW_ORDER, X_Shopify_Topic="orders/create", X_Shopify_Webhook_Id="w1")
    (again,) = take("shopify", NEW_ORDER, X_Shopify_Topic="orders/create", X_Shopify_Webhook_Id="w2")

    assert order == again
    assert (order.name, order.channel, order.at) == ("order_placed", "web", 1_780_293_600_000)
    assert order.profile == {
        "customer_id": "115310627314723954",
        "email": "jon@example.com",
        "order_number": "820982911946154508",
    }
    assert order.properties["total"] == 404.95
    assert order.properties["lines"] == [{"sku": "IPOD", "name": "iPod", "quantity": 1, "price": 199}]


def test_what_a_shopify_topic_means() -> None:
    refund = {"id": 5, "order_id": 9, "processed_at": "2026-06-02T08:00:00Z", "transactions": [{"amount": "41.94"}]}
    (paid,) = take("shopify", refund, X_Shopify_Topic="refunds/create")
    assert (paid.name, paid.profile, paid.properties["amount"]) == ("refund_paid", {"order_number": "9"}, 41.94)

    checkout = {"token": "t", "updated_at": "2026-06-02T08:00:00Z", "email": "a@example.com", "total_price": "9.00"}
    (basket,) = take("shopify", {**checkout, "line_items": []}, X_Shopify_Topic="checkouts/update")
    assert (basket.name, basket.properties["total"], basket.properties["lines"]) == ("basket_updated", 9, [])
    done = {**checkout, "completed_at": "2026-06-02T08:00:00Z"}
    assert take("shopify", done, X_Shopify_Topic="checkouts/update") == []

    person = {"id": 7, "email": "a@example.com", "first_name": "Ana", "updated_at": "2026-06-02T08:00:00Z"}
    agreed = {**person, "email_marketing_consent": {"state": "subscribed"}}
    changed, consent = take("shopify", agreed, X_Shopify_Topic="customers/update")
    assert (changed.name, changed.properties["first_name"]) == ("profile_changed", "Ana")
    assert (consent.properties["state"], consent.id != changed.id) == ("granted", True)
    assert len(take("shopify", person, X_Shopify_Topic="customers/update")) == 1


def test_a_woocommerce_order_of_a_guest() -> None:
    (order,) = take("woocommerce", PAID, X_WC_Webhook_Topic="order.created")
    (told_again,) = take("woocommerce", {**PAID, "status": "completed"}, X_WC_Webhook_Topic="order.created")

    assert order.id == told_again.id
    assert order.profile == {"email": "john@example.com"}
    assert order.at == 1_780_293_600_000
    assert order.properties["lines"] == [{"sku": "93", "name": "Woo", "quantity": 2, "price": 3}]
    assert take("woocommerce", {**PAID, "status": "pending"}, X_WC_Webhook_Topic="order.created") == []


def test_cloud_events_are_named_by_source_and_id() -> None:
    sent = {"specversion": "1.0", "type": "basket_viewed", "source": "/shop", "id": "1", "subject": "ana"}
    (event,) = take("cloudevents", {**sent, "time": "2026-06-01T06:00:00Z", "data": {"basketId": "b1", "more": 1}})

    assert (event.id, event.profile, event.properties) == ("/shop/1", {"customer_id": "ana"}, {"basket_id": "b1"})
    (undated,) = take("cloudevents", sent)
    assert undated.at == ARRIVED


@pytest.mark.parametrize(
    ("source", "body", "said"),
    [
        ("segment", {"type": "track", "messageId": "m", "userId": "u", "event": "Never Heard"}, "'Never Heard'"),
        ("segment", {"type": "page", "userId": "u"}, ""),  # known, and of no use
        ("segment", {"type": "identify", "messageId": "m"}, "at least one identifier"),
        ("segment", {"type": "identify", "userId": "u"}, "id: is missing"),
        ("segment", {"userId": "u"}, "says not what happened"),
        ("segment", "words", "an object is wanted"),
        ("segment", {"type": "identify", "messageId": "m", "userId": "u", "traits": {"email": 5}}, "profile.email"),
        ("segment", {"type": "identify", "messageId": "m", "userId": {"a": 1}}, "profile.customer_id"),
        (
            "segment",
            {"event": "Order Completed", "messageId": "m", "userId": "u", "properties": {"total": []}},
            "total",
        ),
        ("segment", {"event": "Order Completed", "messageId": "m", "userId": "u", "properties": 5}, ""),
        ("segment", {"event": "x" * 10_000, "messageId": "m", "userId": "u"}, "is not known"),
    ],
)
def test_what_is_no_event_of_ours_is_said_in_a_sentence(source: str, body: Any, said: str) -> None:
    if not said:
        assert len(take(source, body)) <= 1
        return
    with pytest.raises(BadEvent) as fault:
        take(source, body)
    assert said in fault.value.sentence()
    assert len(fault.value.sentence()) < 400


@pytest.mark.parametrize(
    ("written", "meant_"),
    [
        ("Order Completed", "order_completed"),
        ("firstName", "first_name"),
        ("home-store", "home_store"),
        ("SKU", "sku"),
        ("HTMLPage 2", "html_page_2"),
    ],
)
def test_names_of_other_manners(written: str, meant_: str) -> None:
    assert snake(written) == meant_


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("number", "12.50", 12.5),
        ("number", "twelve", "twelve"),
        ("number", "inf", float("inf")),  # which the vocabulary then refuses
        ("integer", "3", 3),
        ("text", 7, "7"),
        ("yes_no", "true", True),
        ("date", "2026-06-01T10:00:00Z", "2026-06-01"),
        ("number", "1" * 4000, None),  # neither is this one
    ],
)
def test_values_fit_where_they_say_the_same(kind: str, value: Any, fits: Any) -> None:
    assert fitted(Type(kind), value) == fits
