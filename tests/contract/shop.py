"""A small shop: a workspace, its engine on a real Redis, and providers that remember what they were given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from engine.define.folder import with_shared
from engine.define.workspace import Compiled, compile_sources
from engine.model.event import Event
from engine.model.message import Outgoing, SendOutcome
from engine.model.record import Record
from engine.runtime import keys
from engine.runtime.bells import Noted
from engine.runtime.blob import read_records
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store

START = 1_764_064_800_000  # 2025-11-25 10:00Z, a Tuesday
HOUR = 3_600_000

SOURCES = {
    "journeys/vocabulary.yaml": """
vocabulary:
  identifiers: {customer_id: strong, card: strong, email: weak}
  events:
    account_created: {properties: {email: text, phone: text, home_store: text}}
    order_placed: {properties: {total: number}}
    page_viewed: {properties: {page: text}}
  customer:
    phone: {from: account_created.phone}
    home_store: {from: account_created.home_store}
    orders: {type: integer, count: order_placed}
""",
    "journeys/policies.yaml": """
policies:
  timezone: UTC
  purposes: {marketing: {}, service: {transactional: true}}
""",
    "journeys/welcome.yaml": """
journey: welcome
purpose: service
start: {event: account_created}
steps:
  - send: welcome
    via: email
  - wait: 2h
  - send: offer
    purpose: marketing
    via: [email, sms]
""",
    "templates/messages/welcome.j2": """{% extends layout %}
{% block headline %}Welcome{% endblock %}
{% block subject %}Welcome{% endblock %}
{% block summary %}Hello {{ customer.customer_id }}{% endblock %}
{% block body %}Hello {{ customer.customer_id }}{% endblock %}
""",
    "templates/messages/offer.j2": """{% extends layout %}
{% block headline %}An offer{% endblock %}
{% block subject %}An offer{% endblock %}
{% block summary %}Ten percent{% endblock %}
{% block body %}Ten percent{% endblock %}
""",
}


def sources(**changed: str) -> dict[str, str]:
    """The shop's files; `policies="..."` replaces journeys/policies.yaml."""
    return with_shared(SOURCES | {f"journeys/{name}.yaml": text for name, text in changed.items()})


@cache
def compiled() -> Compiled:
    """The shop as it is."""
    return compile_sources(sources()).sound()


@dataclass
class Recording:
    """A provider that keeps what it is given and answers what it is told."""

    answer: Callable[[Outgoing], SendOutcome] = lambda outgoing: SendOutcome("accepted", provider_id="p1")
    idempotent: bool = False
    name: str = "recording"
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        self.sent.append(outgoing)
        return self.answer(outgoing)

    def close(self) -> None:
        return None

    def told(self) -> list[tuple[str, str, str]]:
        """(address, channel, message) of every call."""
        return [(each.address, each.channel, each.message) for each in self.sent]


def shop(store: Store, provider: Recording, built: Compiled | None = None) -> Engine:
    """The shop's engine, its clock held at START."""
    built = built or compiled()
    Clock(store).hold(START)
    plans = FixedPlan(Running(built.plan, built.renderer.render))
    return Engine(store, plans, FixedSenders(**{"*": provider}), Noted())


def event(name: str, id_: str, at: int = START, /, customer: str = "ana", **properties: object) -> Event:
    """An event of a customer who is known by her number."""
    return Event(id=id_, name=name, profile={"customer_id": customer}, at=at, received=at, properties=properties)


def joined(id_: str = "e1", customer: str = "ana", **properties: object) -> Event:
    """A new account with an address."""
    given = {"customer_id": customer, "email": f"{customer}@fernhill.example"}
    return Event(id=id_, name="account_created", profile=given, at=START, received=START, properties={**properties})


def agreed(id_: str = "a1", state: str = "granted", channel: str = "email", customer: str = "ana") -> Event:
    """A word on marketing by e-mail."""
    return event("consent_changed", id_, customer=customer, channel=channel, purpose="marketing", state=state)


def records(store: Store) -> list[Record]:
    """Everything the logs say, by time."""
    found = [
        record
        for shard in keys.EVERY_SHARD
        for _, fields in store.shards.read_log(shard)
        for record in read_records(fields["r"])
    ]
    return sorted(found, key=lambda record: record.at)


def happened(store: Store) -> list[tuple[str, str]]:
    """(kind, message or rule) of every record."""
    return [(each.kind, each.message or each.reason.partition(":")[0]) for each in records(store)]
