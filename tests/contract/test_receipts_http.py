"""Receipts and words over HTTP: signed by their provider, taken in once, answered in its language."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.channels.receipts import twilio
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.shop import HOUR, START, Recording, agreed, shop, sources

# one server: what a cluster does with receipts is asked elsewhere
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

WORDS = """
vocabulary:
  identifiers: {customer_id: strong, phone: weak}
  events:
    account_created: {}
"""
POLICIES = """
policies:
  timezone: UTC
  purposes: {marketing: {}, news: {}, service: {transactional: true}}
"""
BRAND = """
brand:
  name: Fernhill
  legal: {sms: {en: "STOP to 36180", fr: "STOP au 36180"}}
"""
WELCOME = """
journey: welcome
start: {event: account_created}
steps:
  - send: offer
    via: sms
  - wait_for: replied
    where: plain is "oui merci"
    up_to: 2h
  - send: welcome
    via: sms
"""
NUMBER = "+33612345678"
ANA = profile_id("customer_id", "ana")


class Provider:
    """A client that signs as Twilio does."""

    def __init__(self, store: Store) -> None:
        publish(store, sources(vocabulary=WORDS, policies=POLICIES, brand=BRAND, welcome=WELCOME))
        self.sent = Recording()
        fixed = shop(store, self.sent)
        self.engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
        settings = load(public_url="https://p.example", sms_url="twilio://AC1:token@api.twilio.com?from=F")
        self.app = create_app(self.engine, Keys(["k"]), settings=settings)

    def post(self, path: str, form: dict[str, str], token: str = "token") -> httpx.Response:
        mark = twilio.signature(f"https://p.example{path}", list(form.items()), token)
        headers = {"x-twilio-signature": mark, "content-type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, content=urlencode(form), headers=headers)

    def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def told() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://inside") as client:
                return await client.request(method, path, **given)

        return asyncio.run(told())

    def word(self, text: str, sid: str) -> str:
        answer = self.post("/v1/receipts/twilio", {"MessageSid": sid, "From": NUMBER, "Body": text})
        assert answer.status_code == 200
        return answer.text

    def customer(self, store: Store) -> None:
        for index, purpose in enumerate(("marketing", "news")):
            given = agreed(f"a{index}", channel="sms")
            properties = {**given.properties, "purpose": purpose}
            self.engine.accept([Event(**{**_fields(given), "properties": properties})])
        who = {"customer_id": "ana", "phone": NUMBER}
        self.engine.accept([Event(id="e1", name="account_created", profile=who, at=START, received=START)])
        drain(self.engine)
        assert [each.message for each in self.sent.sent] == ["offer"]


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def consent(store: Store) -> dict[str, str]:
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    return {name: each.state for name, each in profile.consent.items()}


def test_a_status_of_twilio_becomes_an_event_once(store: Store) -> None:
    provider = Provider(store)
    provider.customer(store)
    attempt = provider.sent.sent[0].attempt_id
    where = f"/v1/receipts/twilio?message={attempt}"
    status = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": NUMBER}
    # when somebody else reports it, nothing happens
    assert provider.post(where, status, "other").status_code == 403
    assert provider.post("/v1/receipts/sendgrid", {}).status_code == 404
    # when Twilio does, twice
    assert [provider.post(where, status).status_code for _ in "ab"] == [200, 200]
    drain(provider.engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert [past.data["message"] for past in profile.history["delivered"]] == [attempt]
    # and what it reports of a message that nobody knows is told to whoever asks
    provider.post("/v1/receipts/twilio?message=m1", {**status, "MessageSid": "SM2"})
    provider.post(where, {**status, "MessageStatus": "teleported"})
    assert provider.call("GET", "/v1/receipts").status_code == 401
    listed = provider.call("GET", "/v1/receipts", headers={"X-API-Key": "k"}).json()
    assert [(each["what"], each["source"]) for each in listed] == [("teleported", "twilio"), ("delivered", "twilio")]


def test_stop_withdraws_everything_at_once_and_start_takes_that_back(store: Store) -> None:
    provider = Provider(store)
    provider.customer(store)
    Clock(store).hold(START + HOUR)
    # when she stops it, and her inbox lags
    assert "<Message>" not in provider.word("Arrêt", "SM1")
    Clock(store).hold(START + 3 * HOUR)
    provider.engine.deliver("sms")
    drain(provider.engine)
    assert len(provider.sent.sent) == 1
    assert consent(store) == {"sms/marketing": "denied", "sms/news": "denied"}
    # then START gives back what STOP took
    provider.word("START", "SM2")
    drain(provider.engine)
    assert consent(store) == {"sms/marketing": "granted", "sms/news": "granted"}
    # and the old STOP, repeated, takes nothing back
    Clock(store).hold(START + 4 * HOUR)
    provider.word("Arrêt", "SM1")
    drain(provider.engine)
    standing, _ = store.addresses.ask([("sms", NUMBER)], [], 0)
    assert {each.state for each in standing["sms", NUMBER].said.values()} == {"granted"}
    assert set(consent(store).values()) == {"granted"}


def test_an_answer_in_words_of_her_own_is_what_a_journey_waits_for(store: Store) -> None:
    provider = Provider(store)
    provider.customer(store)
    for sid, text in (("SM1", "Plus tard"), ("SM2", "OUI merci !"), ("SM2", "OUI merci !"), ("SM3", "Oui, merci")):
        assert "<Message>" not in provider.word(text, sid)
        drain(provider.engine)
    assert [each.message for each in provider.sent.sent] == ["offer", "welcome"]
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert [past.data["text"] for past in profile.history["replied"]] == ["Plus tard", "OUI merci !", "Oui, merci"]
    # what a stranger writes is nobody's
    stranger = {"MessageSid": "SM4", "From": "+33699999999", "Body": "Oui, merci"}
    assert provider.post("/v1/receipts/twilio", stranger).status_code == 200
    assert provider.engine.advance_round() == 0


def test_start_gives_nothing_that_was_never_given_and_nobody_is_born_by_a_word(store: Store) -> None:
    provider = Provider(store)
    provider.word("START", "SM1")
    provider.word("STOP", "SM2")
    drain(provider.engine)
    assert store.shards.profiles([ANA]) == {}
    assert not list(store.redis.scan_iter("*:profile:*"))
    standing, _ = store.addresses.ask([("sms", NUMBER)], [], 0)
    assert {each.state for each in standing["sms", NUMBER].said.values()} == {"denied"}


def test_help_says_who_we_are_in_the_language_of_the_word(store: Store) -> None:
    provider = Provider(store)
    assert "<Message>Fernhill. STOP au 36180</Message>" in provider.word("aide", "SM1")
    assert "<Message>Fernhill. STOP to 36180</Message>" in provider.word("HELP", "SM2")
    answered = {"MessageSid": "SM3", "From": NUMBER, "Body": "HELP", "OptOutType": "HELP"}
    assert "<Message>" not in provider.post("/v1/receipts/twilio", answered).text


def test_who_hangs_up_in_the_middle_of_a_request_is_no_error_of_ours(store: Store) -> None:
    heard = iter([{"type": "http.request", "body": b"Mess", "more_body": True}, {"type": "http.disconnect"}])
    scope = {"type": "http", "method": "POST", "path": "/v1/receipts/twilio", "headers": [], "query_string": b""}
    said: list[Any] = []

    async def receive() -> Any:
        return next(heard)

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(Provider(store).app(scope, receive, send))
    assert said[0]["status"] == 400
