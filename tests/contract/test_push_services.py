"""One channel, several services: each device's messages go to its own, and a dead token is known at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from engine.channels.push import read_address
from engine.define.workspace import compile_sources
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.model.message import Outgoing, Sender, SendOutcome
from engine.model.profile import Profile
from engine.runtime import keys
from engine.runtime.bells import Noted
from engine.runtime.blob import pack, read_profile
from engine.runtime.breakers import Breaker
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.shop import START, Recording, sources

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

WORDS = """
vocabulary:
  identifiers: {customer_id: strong}
  events:
    account_created: {properties: {token: text, phone: text}}
  customer:
    push_token: {from: account_created.token}
    phone: {from: account_created.phone}
"""
WELCOME = """
journey: welcome
purpose: service
start: {event: account_created}
steps:
  - send: welcome
    via: [push, sms]
  - wait_for: bounced
    message: any
    up_to: 1h
    then: [{send: offer, via: sms}]
"""
BROWSER = json.dumps({"endpoint": "https://web.push.apple.com/1", "keys": {"p256dh": "a", "auth": "b"}})


@dataclass
class Service(Recording):
    """A push service that is asked for its own devices only."""

    def takes(self, address: str) -> bool:
        found = read_address(address)
        return found is not None and found.service == self.name


def engine(store: Store, apple: Service, google: Service, texts: Recording) -> Engine:
    Clock(store).hold(START)
    built = compile_sources(sources(vocabulary=WORDS, welcome=WELCOME)).sound()
    plans = FixedPlan(Running(built.plan, built.renderer.render))
    senders: dict[str, Sender | Sequence[Sender]] = {"push": [google, apple], "*": texts}
    return Engine(store, plans, FixedSenders(**senders), Noted())


def joins(name: str, token: str) -> Event:
    given = {"token": token, "phone": "+33612345678"}
    who = {"customer_id": name}
    return Event(id=name, name="account_created", profile=who, at=START, received=START, properties=given)


def customer(store: Store, name: str) -> Profile:
    found = profile_id("customer_id", name)
    return read_profile(store.shards.profiles([found])[found])


def test_each_device_is_its_own_services(store: Store) -> None:
    apple, google, texts = Service(name="apns"), Service(name="fcm"), Recording()
    running = engine(store, apple, google, texts)
    running.accept([joins("ana", "apns:abc"), joins("ben", "x:y"), joins("cleo", BROWSER)])
    drain(running)
    assert [each.address for each in apple.sent] == ["apns:abc"]
    assert [each.address for each in google.sent] == ["x:y"]
    # and whom no service reaches gets it by the next channel
    assert [each.message for each in texts.sent] == ["welcome"]


def test_a_dead_token_is_known_to_the_profile_and_to_journeys(store: Store) -> None:
    def gone(outgoing: Outgoing) -> SendOutcome:
        return SendOutcome("bad_address", "HTTP 410 Unregistered")

    apple, google, texts = Service(gone, name="apns"), Service(name="fcm"), Recording()
    running = engine(store, apple, google, texts)
    running.accept([joins("ana", "apns:abc")])
    drain(running)
    assert customer(store, "ana").dead == {"push": "apns:abc"}
    (bounced,) = customer(store, "ana").history["bounced"]
    assert (bounced.data["kind"], bounced.data["reason"]) == ("hard", "HTTP 410 Unregistered")
    assert bounced.data["message"] == apple.sent[0].attempt_id
    assert [each.message for each in texts.sent] == ["welcome"]


def test_where_its_service_is_down_a_message_takes_the_next_channel(store: Store) -> None:
    apple, google, texts = Service(name="apns"), Service(name="fcm"), Recording()
    running = engine(store, apple, google, texts)
    now = store.clock().server
    broken = Breaker(9, 0, 9, now, now - 900_000, now + 60_000, 60_000, 0, "down", now)
    store.redis.hset(keys.BREAKERS, "push:apns", pack(broken))
    running.accept([joins("ana", "apns:abc"), joins("ben", "x:y")])
    drain(running)
    assert (len(apple.sent), len(google.sent), len(texts.sent)) == (0, 1, 1)


def test_a_provider_that_knows_of_a_stop_withdraws_every_purpose(store: Store) -> None:
    def stopped(outgoing: Outgoing) -> SendOutcome:
        return SendOutcome("refused", "HTTP 400 21610", withdrawn=True)

    apple, google = Service(name="apns"), Service(name="fcm")
    running = engine(store, apple, google, Recording(stopped))
    running.accept([joins("ana", BROWSER)])
    drain(running)
    consent = customer(store, "ana").consent
    assert {name: each.state for name, each in consent.items()} == {"sms/marketing": "denied"}
