"""Calling a service: one signed POST, an idempotency key that stays, and an answer as data."""

from __future__ import annotations

import json
from contextlib import closing
from time import time

import pytest
from standardwebhooks import Webhook

from engine.channels.providers.service import ServiceSender
from engine.model.message import Outgoing, Rendered, SendOutcome
from tests.unit.channels.http_sink import HANGS_UP, Endpoint

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _call(url: str) -> Outgoing:
    body = json.dumps({"id": "m1", "data": {"basket": "b1"}})
    return Outgoing(
        attempt_id="m1-call-1",
        message_id="m1",
        profile="c1",
        label="customer_id:ana",
        journey="ask",
        step="call:stock",
        message="stock",
        channel="call",
        address=url,
        purpose="service",
        at=1_772_445_600_000,
        expires=None,
        rendered=Rendered("stock", "call", "", {"body": body}),
    )


def _ask(url: str, secret: str | None = None, now: float = 0.0) -> SendOutcome:
    with closing(ServiceSender(secret, clock=lambda: now)) as sender:
        return sender.send(_call(url))


def test_the_answer_is_its_plain_members(endpoint: Endpoint) -> None:
    endpoint.script = [(200, {}, b'{"left": 3, "shop": "lyon", "rows": [1], "more": {"a": 1}, "open": true}')]
    outcome = _ask(endpoint.url, SECRET)
    assert outcome.kind == "accepted"
    assert outcome.answer == {"left": 3, "shop": "lyon", "open": True}
    headers, body = endpoint.got[0]
    assert json.loads(body)["data"] == {"basket": "b1"}
    assert headers["webhook-id"]
    assert headers["content-type"] == "application/json"


def test_the_signature_is_that_of_standard_webhooks(endpoint: Endpoint) -> None:
    _ask(endpoint.url, SECRET, time())
    headers, body = endpoint.got[0]
    assert Webhook(SECRET).verify(body, headers)["data"] == {"basket": "b1"}


def test_without_a_secret_the_key_is_still_there_and_the_same_each_time(endpoint: Endpoint) -> None:
    _ask(endpoint.url)
    _ask(endpoint.url)
    first, second = (headers for headers, _ in endpoint.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert "webhook-signature" not in first


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((200, {}, b"not json"), "accepted"),
        ((204, {}, b""), "accepted"),
        ((400, {}, b"no such basket"), "refused"),
        ((404, {}, b""), "bad_address"),
        ((429, {"retry-after": "7"}, b""), "retry"),
        ((503, {}, b""), "retry"),
        # asking again is harmless, so a gateway's word is no riddle
        ((502, {}, b""), "retry"),
        ((HANGS_UP, {}, b""), "retry"),
    ],
)
def test_each_answer_has_its_outcome(endpoint: Endpoint, said: tuple[int, dict[str, str], bytes], kind: str) -> None:
    endpoint.script = [said]
    outcome = _ask(endpoint.url)
    assert outcome.kind == kind
    assert outcome.answer == ({} if kind == "accepted" else None)
    assert outcome.retry_after == (7.0 if "retry-after" in said[1] else None)


def test_an_address_that_cannot_be_used_is_refused() -> None:
    assert _ask("ftp://x").kind == "refused"


def test_nobody_there_is_tried_again() -> None:
    assert _ask("http://127.0.0.1:9/").kind == "retry"
