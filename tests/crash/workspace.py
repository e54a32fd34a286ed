"""The journeys of the crash suite: every order is thanked for, and each third one has a receipt that must arrive.

Each mail carries a voucher code. Before a receipt a service is called. Each customer orders under two names, until one
of the orders carries both and the two are merged, wherever their journeys are by then.
"""

from __future__ import annotations

from typing import Any

from engine.define.folder import with_shared

CUSTOMER_ORDERS = 5
MERGING = 4  # which of a customer's orders carries both names
GONE = 10_000  # customers from this number on have addresses that no mail server knows
REFUSING = GONE + 1  # who wants no marketing: what is taken for a message is given back

POOL, CODES = "saver", 4_000

_TEMPLATE = """{% extends layout %}
{% block subject %}{{ start.order_id }}{% endblock %}
{% block headline %}An order{% endblock %}
{% block summary %}An order{% endblock %}
{% block body %}Order {{ start.order_id }}{% endblock %}
"""
_WITH_CODE = _TEMPLATE.replace("Order {{ start.order_id }}", 'Order {{ start.order_id }} {{ voucher("saver") }}')
_JOURNEY = """
journey: {name}
purpose: {purpose}
start: {{event: order_placed, key: event.order_id, only_if: ["event.kind is {kind}"]}}
steps:
{before}  - {{send: {name}, via: email}}
  - {{wait: 1s}}
  - {{send: hint, via: store}}
"""

_CALL = "  - {call: stock, answer: {stock: text}, up_to: 10m}\n"

SOURCES = with_shared(
    {
        "journeys/vocabulary.yaml": """
vocabulary:
  identifiers: {customer_id: strong, email: weak, device: weak}
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
  calls: {stock: "http://127.0.0.1:9/stock"}
  purposes: {marketing: {}, service: {transactional: true}}
  caps: [{limit: 1000 per 7d}]
""",
        "journeys/brand.yaml": "brand: {name: Fernhill, sender: {name: Fernhill, email: shop@fernhill.example}}",
        "journeys/thanks.yaml": _JOURNEY.format(name="thanks", purpose="marketing", kind="thanks", before=""),
        "journeys/receipt.yaml": _JOURNEY.format(name="receipt", purpose="service", kind="receipt", before=_CALL),
        "journeys/catalog.yaml": f"catalog: {{vouchers: {{items: {{{POOL}: {{codes: saver.csv}}}}}}}}",
        "journeys/saver.csv": "".join(f"V{number:05d}\n" for number in range(CODES)),
        **{f"templates/messages/{name}.j2": _WITH_CODE for name in ("thanks", "receipt")},
        "templates/messages/hint.j2": _TEMPLATE,
    }
)


def sources(service: int) -> dict[str, str]:
    """The workspace; what it calls listens on the port `service`."""
    return {name: text.replace("127.0.0.1:9/", f"127.0.0.1:{service}/") for name, text in SOURCES.items()}


def kind_of(number: int) -> str:
    """What the order of this number gets."""
    return "receipt" if number % 3 == 0 else "thanks"


def customer_of(number: int) -> str:
    """Who placed the order of this number: each customer has CUSTOMER_ORDERS, not one after the other."""
    return f"c{number // CUSTOMER_ORDERS}"


def gone(address: str) -> bool:
    """Whether no mail server knows this address."""
    return int(address.partition("@")[0].removeprefix("c")) >= GONE


def order(number: int, at: str) -> dict[str, Any]:
    """One order as an event of the HTTP interface. `at` is ISO."""
    who = customer_of(number)
    phone, home = _names(who)
    both = phone | {"device": home["device"]}
    return {
        "id": f"order-{number}",
        "event": "order_placed",
        "profile": both if number % CUSTOMER_ORDERS == MERGING else home if number % 2 else phone,
        "at": at,
        "properties": {
            "order_id": f"o{number}",
            "kind": kind_of(number),
            "number": number,
            "home_store": f"store-{who}",
        },
    }


def consents(who: str, at: str) -> list[dict[str, Any]]:
    """A customer agrees to marketing by e-mail (or does not), under both names."""
    state = "denied" if who == f"c{REFUSING}" else "granted"
    return [
        {
            "id": f"agreed-{who}-{place}",
            "event": "consent_changed",
            "profile": name,
            "at": at,
            "properties": {
                "channel": "email",
                "purpose": "marketing",
                "state": state,
            },
        }
        for place, name in enumerate(_names(who))
    ]


def _names(who: str) -> tuple[dict[str, str], dict[str, str]]:
    """The two names that a customer goes by: on the phone, and at home."""
    return (
        {"customer_id": who, "email": f"{who}@fernhill.example"},
        {"device": f"device-{who}", "email": f"{who}@home.example"},
    )
