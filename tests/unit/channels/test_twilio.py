"""Twilio's Messages API against a server that speaks it: what is asked, and what each answer means."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import parse_qsl

import pytest

from engine.channels.providers.twilio import TwilioSender
from engine.model.errors import SetupError
from tests.unit.channels.conftest import AT, MakeOutgoing
from tests.unit.channels.http_sink import HANGS_UP, Endpoint

CREATED: tuple[int, dict[str, str], bytes] = (201, {}, b'{"sid": "SM1", "status": "queued", "error_code": null}')
Make = Callable[..., TwilioSender]


@pytest.fixture
def sender(endpoint: Endpoint) -> Iterator[Make]:
    with ExitStack() as stack:

        def make(query: str = "?from=%2B33700000000", **given: str) -> TwilioSender:
            url = f"twilio+http://AC1:s%40cret@127.0.0.1:{endpoint.server_address[1]}{query}"
            made = TwilioSender(url, clock=lambda: AT / 1000, timeout=0.4, **given)  # type: ignore[arg-type]
            stack.callback(made.close)
            return made

        yield make


def test_a_message_is_a_form_with_basic_authorisation(endpoint: Endpoint, sender: Make, outgoing: MakeOutgoing) -> None:
    endpoint.script = [CREATED, CREATED]
    sending = sender(callback="https://parcours.example/v1/receipts/twilio")
    text = "Votre panier & co vous attend à Lyon €"
    said = outgoing("sms", address="+33612345678", text=text, attempt_id="m00-sms-1", expires=AT + 3_600_500)
    outcomes = [sending.send(said), sending.send(outgoing("sms", address="+33612345678"))]
    assert [(each.kind, each.provider_id) for each in outcomes] == [("accepted", "SM1")] * 2
    assert endpoint.paths == ["/2010-04-01/Accounts/AC1/Messages.json"] * 2
    assert endpoint.connections == 1
    headers, body = endpoint.got[0]
    assert b64decode(headers["authorization"].removeprefix("Basic ")) == b"AC1:s@cret"
    assert dict(parse_qsl(body.decode())) == {
        "To": "+33612345678",
        "Body": text,
        "From": "+33700000000",
        "ValidityPeriod": "3600",
        "StatusCallback": "https://parcours.example/v1/receipts/twilio?message=m00-sms-1",
    }
    assert "ValidityPeriod" not in endpoint.got[1][1].decode()


@pytest.mark.parametrize(
    ("query", "brand", "field", "value"),
    [
        ("?service=MG7", "Fernhill", "MessagingServiceSid", "MG7"),
        ("", "Fernhill", "From", "Fernhill"),
        ("?from=+33700000000", "", "From", "+33700000000"),  # a + that was not encoded
    ],
)
def test_who_sends_it(
    endpoint: Endpoint, sender: Make, outgoing: MakeOutgoing, query: str, brand: str, field: str, value: str
) -> None:
    sender(query, sender=brand).send(outgoing("sms", address="+33612345678"))
    assert dict(parse_qsl(endpoint.got[0][1].decode()))[field] == value


@pytest.mark.parametrize(
    ("status", "code", "headers", "kind", "wait"),
    [
        (400, 21211, {}, "bad_address", None),  # no telephone number
        (400, 21614, {}, "bad_address", None),  # a landline
        (400, 21610, {}, "refused", None),  # has answered STOP
        (400, 21408, {}, "refused", None),  # a country that is not switched on
        (400, 21617, {}, "refused", None),  # too long
        (429, 20429, {"retry-after": "7"}, "retry", 7.0),
        (400, 21611, {}, "retry", None),  # our queue is full
        (401, 20003, {}, "retry", None),  # our token is wrong: no message is lost by that
        (500, 20500, {}, "retry", None),
        (503, 20503, {"retry-after": "Sat, 04 Apr 2026 10:15:30 GMT"}, "retry", 30.0),
        (504, 0, {}, "unknown", None),
        (HANGS_UP, 0, {}, "unknown", None),
    ],
)
def test_what_an_answer_means(
    endpoint: Endpoint,
    sender: Make,
    outgoing: MakeOutgoing,
    status: int,
    code: int,
    headers: dict[str, str],
    kind: str,
    wait: float | None,
) -> None:
    body = json.dumps({"code": code, "message": "in words", "status": status}).encode()
    endpoint.script = [(status, headers, body)]
    outcome = sender().send(outgoing("sms", address="+33612345678"))
    assert (outcome.kind, outcome.retry_after, outcome.withdrawn) == (kind, wait, code == 21610)
    assert status < 0 or str(code) in outcome.reason


def test_where_nobody_listens_nothing_was_sent(outgoing: MakeOutgoing) -> None:
    sending = TwilioSender("twilio+http://AC1:x@127.0.0.1:1?from=F", clock=lambda: 0.0, timeout=0.4)
    assert sending.send(outgoing("sms", address="+33612345678")).kind == "retry"


@pytest.mark.parametrize("url", ["twilio://api.twilio.com", "twilio://AC1:hush@h", "twilio://AC1:hush@h?form=x"])
def test_a_url_that_cannot_be_used_is_not_shown(url: str) -> None:
    with pytest.raises(SetupError) as told:
        TwilioSender(url, clock=lambda: 0.0)
    assert "hush" not in str(told.value)
