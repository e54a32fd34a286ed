"""The journeys of the crash suite: every order is thanked for, and each third one has a receipt that must arrive."""

from __future__ import annotations

from typing import Any

from engine.define.folder import with_shared

CUSTOMER_ORDERS = 5

_TEMPLATE = """{% extends layout %}
{% block subject %}{{ start.order_id }}{% endblock %}
{% block headline %}An order{% endblock %}
{% block summary %}An order{% endblock %}
{% block body %}Order {{ start.order_id }}{% endblock %}
"""
_JOURNEY = """
journey: {name}
purpose: {purpose}
start: {{event: order_placed, key: event.order_id, only_if: ["event.kind is {kind}"]}}
steps:
  - {{send: {name}, via: email}}
  - {{wait: 1s}}
  - {{send: hint, via: store}}
"""

SOURCES = with_shared(
    {
        "journeys/vocabulary.yaml": """
vocabulary:
  identifiers: {customer_id: strong, email: weak}
  events:
    order_placed: {properties: {order_id: text, kind: text, number: integer, home_store: text}}
  customer:
    home_store: {from: order_placed.home_store}
    orders: {type: integer, count: order_placed}
    latest: {type: integer, from: order_placed.number, version: order_placed.number}
""",
        "journeys/policies.yaml": """
policies:
  timezone: UTC
  delivery: live
  purposes: {marketing: {}, service: {transactional: true}}
  caps: [{limit: 1000 per 7d}]
""",
        "journeys/brand.yaml": "brand: {name: Fernhill, sender: {name: Fernhill, email: shop@fernhill.example}}",
        "journeys/thanks.yaml": _JOURNEY.format(name="thanks", purpose="marketing", kind="thanks"),
        "journeys/receipt.yaml": _JOURNEY.format(name="receipt", purpose="service", kind="receipt"),
        **{f"templates/messages/{name}.j2": _TEMPLATE for name in ("thanks", "receipt", "hint")},
    }
)


def kind_of(number: int) -> str:
    """What the order of this number gets."""
    return "receipt" if number % 3 == 0 else "thanks"


def customer_of(number: int) -> str:
    """Who placed the order of this number: each customer has CUSTOMER_ORDERS, not one after the other."""
    return f"c{number // CUSTOMER_ORDERS}"


def order(number: int, at: str) -> dict[str, Any]:
    """One order as an event of the HTTP interface. `at` is ISO."""
    who = customer_of(number)
    return {
        "id": f"order-{number}",
        "event": "order_placed",
        "profile": {"customer_id": who, "email": f"{who}@fernhill.example"},
        "at": at,
        "properties": {
            "order_id": f"o{number}",
            "kind": kind_of(number),
            "number": number,
            "home_store": f"store-{who}",
        },
    }


def consent(who: str, at: str) -> dict[str, Any]:
    """A customer agrees to marketing by e-mail."""
    return {
        "id": f"agreed-{who}",
        "event": "consent_changed",
        "profile": {"customer_id": who, "email": f"{who}@fernhill.example"},
        "at": at,
        "properties": {"channel": "email", "purpose": "marketing", "state": "granted"},
    }
