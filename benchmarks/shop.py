"""The workspaces that are measured: one event, one message; one event that only changes what is known.

What a message costs is measured with the shop that ships with the engine (`shipped`); where the message does not
matter a workspace of a few lines does (`sources`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from engine.define.folder import read_folder
from engine.define.starter import starter
from engine.model.event import Event

VOCABULARY = """
vocabulary:
  identifiers: {customer_id: strong, email: weak, phone: weak}
  events:
    account_created: {properties: {first_name: text, push_token: text}}
    order_placed: {properties: {order_id: text, total: number, store: text}}
    basket_updated: {properties: {basket_id: text, total: number}}
  customer:
    first_name: {from: account_created.first_name}
    push_token: {from: account_created.push_token}
    orders: {type: integer, count: order_placed}
    last_total: {type: number, from: order_placed.total}
  objects:
    basket: {id: basket_id, from: basket_updated}
"""
POLICIES = """
policies:
  timezone: Europe/Paris
  delivery: live
  purposes: {marketing: {}, service: {transactional: true}}
  quiet_hours: {window: "21:00-08:00", channels: [email, push, sms]}
  caps: [{limit: 3 per 7d, purpose: marketing}]
"""
WELCOME = """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
steps:
  - send: welcome
    via: [%s]
  - wait: %s
  - send: welcome
    via: [%s]
"""
MESSAGE = """{% extends layout %}
{% block subject %}{% trans %}Welcome to Fernhill{% endtrans %}{% endblock %}
{% block headline %}{% trans name=customer.first_name %}Welcome, {{ name }}{% endtrans %}{% endblock %}
{% block summary %}{% trans %}Your account is ready. Here is what you can do with it.{% endtrans %}{% endblock %}
{% block body %}{% trans %}Look at what is new, keep a basket on every device, collect in the shop.{% endtrans %}
{% endblock %}
"""
BRAND = """
brand:
  name: Fernhill
  sender: {name: Fernhill, email: hello@fernhill.example}
"""
BASKET = """
journey: basket
purpose: marketing
start: {event: basket_updated, key: event.basket_id}
goal: order_placed
stop_if: basket_emptied where basket_id is start.basket_id
steps:
  - send: basket_reminder
    via: [%s]
  - wait: 22h
  - send: basket_last_call
    via: [%s]
"""
LINES = [
    {"sku": sku, "name": name, "quantity": quantity, "price": price}
    for sku, name, quantity, price in (
        ("boots", "Trail boots", 1, 129.0),
        ("socks", "Wool socks", 3, 12.5),
        ("jacket", "Rain jacket", 1, 189.0),
    )
]


def shipped(channel: str) -> dict[str, str]:
    """The shop that ships with the engine: its brand, layouts, messages, catalogue, translations and policies. One
    journey of its own sends the shipped basket reminder by `channel` at once, where the shipped one waits two hours."""
    found = read_folder(starter())
    kept = {name: text for name, text in found.items() if name.startswith("templates/")}
    for name in ("vocabulary", "brand", "catalog", "policies"):
        kept[f"journeys/{name}.yaml"] = found[f"journeys/{name}.yaml"]
    policies = kept["journeys/policies.yaml"]
    # really sent, as fast as it goes, and never held: where these customers live it is about noon
    hour = time.gmtime().tm_hour
    for old, new in (
        ("timezone: Europe/Paris", f"timezone: Etc/GMT{hour - 12:+d}"),
        ("delivery: outbox", "delivery: live"),
        ("  rates:", "  # rates:"),
    ):
        assert policies.count(old) == 1, old
        policies = policies.replace(old, new)
    kept["journeys/policies.yaml"] = policies
    kept["journeys/basket.yaml"] = BASKET % (channel, channel)
    return kept


def baskets(count: int, now: int, begin: int = 0) -> Iterator[Event]:
    """Customers of `shipped` fill their baskets, each another one."""
    for number in range(begin, begin + count):
        given = {"basket_id": f"b{number}", "total": 355.5, "lines": LINES}
        yield _event(f"b{number}", "basket_updated", {"customer_id": f"c{number}"}, now, "web", given)


def consents(channel: str, count: int, now: int, begin: int = 0) -> Iterator[Event]:
    """The customers of these numbers agree to marketing by `channel`."""
    for number in range(begin, begin + count):
        given = {"channel": channel, "purpose": "marketing", "state": "granted"}
        yield _event(f"g{number}", "consent_changed", {"customer_id": f"c{number}"}, now, "web", given)


def sources(channel: str = "email", wait: str = "2d") -> dict[str, str]:
    """One journey: a message at once by `channel`, another after `wait`."""
    return {
        "journeys/vocabulary.yaml": VOCABULARY,
        "journeys/policies.yaml": POLICIES,
        "journeys/brand.yaml": BRAND,
        "journeys/welcome.yaml": WELCOME % (channel, wait, channel),
        "templates/messages/welcome.j2": MESSAGE,
    }


def customers(count: int, now: int, begin: int = 0) -> Iterator[Event]:
    """New accounts, each of another customer."""
    for number in range(begin, begin + count):
        who = {"customer_id": f"c{number}", "email": f"c{number}@fernhill.example", "phone": f"+3361{number:07d}"}
        properties = {"first_name": "Ana", "push_token": f"t{number}"}
        yield _event(f"a{number}", "account_created", who, now, "web", properties)


def orders(count: int, people: int, now: int, begin: int = 0) -> Iterator[Event]:
    """Orders of known customers, round robin: they change what is known and start nothing."""
    for number in range(begin, begin + count):
        who = {"customer_id": f"c{number % people}"}
        properties = {"order_id": f"o{number}", "total": 12.5 + number % 50, "store": "lyon"}
        yield _event(f"o{number}", "order_placed", who, now, "store", properties)


def _event(id_: str, name: str, who: dict[str, str], at: int, channel: str, properties: Mapping[str, object]) -> Event:
    return Event(id=id_, name=name, profile=who, at=at, received=at, channel=channel, properties=dict(properties))
