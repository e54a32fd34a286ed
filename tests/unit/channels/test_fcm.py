"""FCM v1 against a server that speaks it: the way to an access token, the message, and each answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from engine.channels.providers.fcm import FcmSender
from engine.model.errors import SetupError
from tests.unit.channels.conftest import AT, MakeOutgoing
from tests.unit.channels.http_sink import HANGS_UP, Endpoint
from tests.unit.channels.keys import account_file, elliptic, of_rsa, pem

SEND = "/v1/projects/shop-1/messages:send"
DONE: tuple[int, dict[str, str], bytes] = (200, {}, b'{"name": "projects/shop-1/messages/0:1"}')
GRANTED: tuple[int, dict[str, str], bytes] = (200, {}, b'{"access_token": "ya29", "expires_in": 3599}')


@dataclass
class Now:
    seconds: float = AT / 1000

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def sender(endpoint: Endpoint, tmp_path: Path, now: Now) -> Iterator[FcmSender]:
    at = f"http://127.0.0.1:{endpoint.server_address[1]}"
    endpoint.routes["/token"] = GRANTED
    made = FcmSender(f"fcm://{account_file(tmp_path, at + '/token')}?at={at}", clock=now, timeout=0.4)
    yield made
    made.close()


def failed(status: int, general: str, own: str = "", message: str = "in words", field: str = "") -> bytes:
    details: list[dict[str, Any]] = []
    if own:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": own})
    if field:
        violations = [{"field": field, "description": "x"}]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    return json.dumps({"error": {"code": status, "message": message, "status": general, "details": details}}).encode()


def test_a_message_goes_with_a_token_that_is_kept_until_it_ends(
    endpoint: Endpoint, sender: FcmSender, outgoing: MakeOutgoing, now: Now
) -> None:
    endpoint.routes[SEND] = DONE
    first = sender.send(outgoing("push", address="fcm:abc:d", expires=AT + 90_500))
    sender.send(outgoing("push", address="abc:d"))
    now.seconds += 3_600
    sender.send(outgoing("push", address="abc:d"))
    assert (first.kind, first.provider_id) == ("accepted", "projects/shop-1/messages/0:1")
    assert endpoint.paths == ["/token", SEND, SEND, "/token", SEND]
    # the service account's signature, for this scope
    grant = parse_qs(endpoint.got[0][1].decode())
    assert grant["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    token_uri = f"http://127.0.0.1:{endpoint.server_address[1]}/token"
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(grant["assertion"][0], of_rsa().public_key(), ["RS256"], audience=token_uri, options=options)
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("push@shop-1.iam", 3600)
    headers, body = endpoint.got[1]
    assert headers["authorization"] == "Bearer ya29"
    said = json.loads(body)["message"]
    assert (said["token"], said["notification"]) == ("abc:d", {"title": "T", "body": "B"})
    assert (said["data"]["link"], said["android"]["ttl"]) == ("app://basket", "90s")
    assert said["apns"]["headers"]["apns-expiration"] == str((AT + 90_500) // 1000)
    assert "ttl" not in json.loads(endpoint.got[2][1])["message"]["android"]


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "wait"),
    [
        (404, failed(404, "NOT_FOUND", "UNREGISTERED"), {}, "bad_address", None),
        (403, failed(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), {}, "refused", None),
        (400, failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", field="message.token"), {}, "bad_address", None),
        (400, failed(400, "INVALID_ARGUMENT", "", "The registration token is not a valid FCM registration token"),
         {}, "bad_address", None),
        (400, failed(400, "INVALID_ARGUMENT", "", field="message.data[0].value"), {}, "refused", None),
        (401, failed(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), {}, "refused", None),
        (403, failed(403, "PERMISSION_DENIED"), {}, "retry", None),
        (404, failed(404, "NOT_FOUND"), {}, "retry", None),  # no such project: ours to put right
        (429, failed(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), {}, "retry", 60.0),
        (429, failed(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), {"retry-after": "90"}, "retry", 90.0),
        (503, failed(503, "UNAVAILABLE", "UNAVAILABLE"), {"retry-after": "5"}, "retry", 5.0),
        (500, failed(500, "INTERNAL", "INTERNAL"), {}, "retry", None),
        (502, b"<!DOCTYPE html>", {}, "unknown", None),
        (400, b'{"error": "odd"}', {}, "refused", None),
        (400, b'{"error": {"details": [7, {"fieldViolations": [3]}]}}', {}, "refused", None),
        (HANGS_UP, b"", {}, "unknown", None),
    ],
)  # fmt: skip
def test_what_an_answer_means(
    endpoint: Endpoint, sender: FcmSender, outgoing: MakeOutgoing, status: int, body: bytes, headers: dict[str, str],
    kind: str, wait: float | None,
) -> None:  # fmt: skip
    endpoint.routes[SEND] = (status, headers, body)
    outcome = sender.send(outgoing("push", address="abc:d"))
    assert (outcome.kind, outcome.retry_after) == (kind, wait)
    assert "ya29" not in outcome.reason


def test_the_account_of_another_project_kills_no_token(
    endpoint: Endpoint, sender: FcmSender, outgoing: MakeOutgoing
) -> None:
    fails = failed(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")
    endpoint.routes[SEND] = (403, {}, fails)
    said = [sender.send(outgoing("push", address=f"abc:{n}")) for n in range(4)]
    assert [each.kind for each in said] == ["refused", "refused", "retry", "retry"]
    assert "the service account of" in said[-1].reason
    endpoint.routes[SEND] = DONE
    assert sender.send(outgoing("push", address="abc:d")).kind == "accepted"
    endpoint.routes[SEND] = (403, {}, fails)
    assert sender.send(outgoing("push", address="abc:d")).kind == "bad_address"


def test_a_token_that_was_withdrawn_is_replaced_once(
    endpoint: Endpoint, sender: FcmSender, outgoing: MakeOutgoing, now: Now
) -> None:
    endpoint.script = [DONE, (401, {}, failed(401, "UNAUTHENTICATED")), DONE]
    assert sender.send(outgoing("push", address="abc:d")).kind == "accepted"
    now.seconds += 60
    assert sender.send(outgoing("push", address="abc:d")).kind == "accepted"
    assert endpoint.paths.count("/token") == 2
    # and where the new one is refused as well, the message waits
    now.seconds += 60
    endpoint.routes[SEND] = (401, {}, failed(401, "UNAUTHENTICATED"))
    assert sender.send(outgoing("push", address="abc:d")).kind == "retry"
    assert endpoint.paths.count("/token") == 3


@pytest.mark.parametrize(
    "answer",
    [
        (400, {}, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'),
        (200, {}, b'{"expires_in": 3599}'),
        (HANGS_UP, {}, b""),
    ],
)
def test_without_an_access_token_nothing_was_sent(
    endpoint: Endpoint, sender: FcmSender, outgoing: MakeOutgoing, answer: tuple[int, dict[str, str], bytes]
) -> None:
    endpoint.routes["/token"] = answer
    outcome = sender.send(outgoing("push", address="abc:d"))
    assert outcome.kind == "retry"
    assert SEND not in endpoint.paths


def test_it_takes_its_own_addresses_only(sender: FcmSender, outgoing: MakeOutgoing) -> None:
    assert sender.takes("abc:d")
    assert not sender.takes("apns:abc")
    assert not sender.takes("{}")
    assert sender.send(outgoing("push", address="apns:abc")).kind == "bad_address"


ACCOUNT = {"project_id": "p", "client_email": "e", "token_uri": "http://x"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("[]", "lacks project_id"),
        (
            json.dumps({**ACCOUNT, "private_key": "hush"}),
            "no private",
        ),
        (
            json.dumps({**ACCOUNT, "private_key": pem(elliptic())}),
            "RSA",
        ),
    ],
)
def test_a_file_that_is_no_service_account(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "account.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SetupError) as told:
        FcmSender(f"fcm://{file}", clock=lambda: 0.0)
    assert said in str(told.value)
    assert "hush" not in str(told.value)
