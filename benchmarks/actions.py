"""A workspace with so many actions and rules, and customers who have a past: what decisions are measured with."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.event import Event

NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC
PLACEMENTS = ("web.home", "web.basket", "app.home", "store.till", "call_centre")
NAMES = ("Ana", "Bilal", "Chloé", "Dmitri", "Eva", "Farid", "Gaëlle", "Hugo", "Inès", "Jan", "Kofi", "Léa", "Mei")
CATEGORIES = tuple(f"shelf_{number}" for number in range(40))

_VOCABULARY = """
vocabulary:
  identifiers: {customer_id: strong, email: weak}
  events:
    profile_seen: {properties: {tier: text, city: text, points: number, first_name: text}}
    order_placed: {properties: {order_id: text, total: number, category: text}}
    case_opened: {properties: {case_id: text}}
    case_closed: {properties: {case_id: text}}
  customer:
    tier: {type: text, from: profile_seen.tier}
    city: {type: text, from: profile_seen.city}
    first_name: {type: text, from: profile_seen.first_name}
    points: {type: number, from: profile_seen.points}
    orders: {type: integer, count: order_placed}
    open_cases: {open: case_opened, close: case_closed, by: case_id}
"""
_POLICIES = """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 72h after}]
  caps: [{limit: 20 per 24h, purpose: marketing}]
"""
_JOURNEY = """
journey: hello
purpose: service
start: {event: case_opened}
steps: [{send: say, via: email}]
"""
_SAY = """{% extends layout %}
{% block headline %}{% trans %}Something for you{% endtrans %}{% endblock %}
{% block summary %}
{% if customer.first_name %}{{ customer.first_name }}, {% endif %}{% trans %}have a look at this.{% endtrans %}
{% endblock %}
{% block price %}{{ ui.price(12.5) }}{% endblock %}
{% block action %}{{ ui.button(_("Have a look"), link("home")) }}{% endblock %}
{% block associate %}{% trans %}Show it to them.{% endtrans %}{% endblock %}
"""
_BRAND = """
brand:
  name: Shop
  legal: {email: {en: "Shop, 1 Main Street, Lyon."}, sms: {en: STOP to 36180}}
  links: {home: https://shop.example/}
"""


def sources(actions: int, rules: int = 100) -> dict[str, str]:
    """The files of a workspace: half of its actions are for `web.home`, and each asks two or three things."""
    return {
        "journeys/vocabulary.yaml": _VOCABULARY,
        "journeys/policies.yaml": _POLICIES,
        "journeys/brand.yaml": _BRAND,
        "journeys/hello.yaml": _JOURNEY,
        "journeys/placements.yaml": "placements:\n" + "".join(f"  {each}: {{show: 3}}\n" for each in PLACEMENTS),
        "journeys/actions.yaml": "actions:\n" + "".join(_action(number) for number in range(actions)),
        "journeys/rules.yaml": "rules:\n" + "".join(_rule(number, actions) for number in range(rules)),
        "templates/messages/say.j2": _SAY,
    }


def _action(number: int) -> str:
    places = PLACEMENTS if number % 2 == 0 else PLACEMENTS[1:]
    shelf = CATEGORIES[number % len(CATEGORIES)]
    lines = [
        f"    purpose: {'service' if number % 25 == 0 else 'marketing'}",
        "    message: say",
        f"    placements: [{', '.join(places)}]",
        f"    value: {1 + number % 9}",
        f"    propensity: {{learn: true, start: 0.{1 + number % 7}}}",
        f"    applicable: [customer.points >= {number * 37 % 1000}]",
    ]
    if number % 3 == 0:
        lines.append(f"    eligible: [order_placed where category is {shelf} in last 90d]")
    if number % 3 == 1:
        lines.append(f"    suitable: [no order_placed where category is {shelf} in last 30d]")
    if number % 4 == 0:
        lines.append("    rest: 14d after declined\n    caps: [1 per 7d]")
    if number % 5 == 0:
        lines.append(f"    context: [{{when: context.intent is look_{number % 10}, by: 1.5}}]")
    if number % 11 == 0 and number % 3 != 1:
        lines.append(f"    suitable: [mark taste_{number * 2 % 20} or customer.points > 100]")
    return f"  a{number}:\n" + "\n".join(lines) + "\n"


def _rule(number: int, actions: int) -> str:
    if number % 2 == 0:
        when = f"[customer.tier is tier_{number % 8}, customer.points > {number * 13 % 900}]"
        return f"  r{number}: {{when: {when}, then: {{mark: taste_{number % 20}}}}}\n"
    when = f"[mark taste_{(number - 1) % 20}, context.intent is look_{number % 10}]"
    return f"  r{number}: {{when: {when}, then: {{boost: {{action: a{number * 7 % actions}, by: 1.2}}}}}}\n"


def pasts(customers: int) -> Iterator[Event]:
    """A first event and five orders for each customer."""
    for number in range(customers):
        who = {"customer_id": f"c{number}"}
        name = NAMES[number % len(NAMES)]
        given = {"tier": f"tier_{number % 8}", "city": "Lyon", "points": number * 31 % 1000, "first_name": name}
        yield _event(f"p{number}", "profile_seen", who, **given)
        for order in range(5):
            shelf = CATEGORIES[(number + order * 7) % len(CATEGORIES)]
            yield _event(f"o{number}-{order}", "order_placed", who, order_id=f"o{order}", total=40.0, category=shelf)


def _event(name: str, kind: str, who: dict[str, str], **properties: object) -> Event:
    return Event(id=name, name=kind, profile=who, at=NOW, received=NOW, properties=dict(properties))
