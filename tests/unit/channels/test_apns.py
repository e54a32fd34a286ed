"""APNs against a server that speaks it over HTTP/2: the provider token, the headers, and each reason."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest

from engine.channels.providers.apns import ApnsSender
from engine.model.errors import SetupError
from engine.model.message import SendOutcome
from tests.unit.channels.apns_sink import Apns
from tests.unit.channels.conftest import AT, MakeOutgoing
from tests.unit.channels.keys import elliptic, elliptic_file
from tests.unit.channels.test_fcm import Now

TOKEN = "a1" * 32


@pytest.fixture(scope="module")
def server() -> Iterator[Apns]:
    with Apns() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def apns(server: Apns) -> Apns:
    server.script, server.got, server.connections = [], [], 0
    return server


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def sender(apns: Apns, tmp_path: Path, now: Now) -> Iterator[ApnsSender]:
    where = f"K1:T1@127.0.0.1:{apns.server_address[1]}"
    made = ApnsSender(f"apns+http://{where}?topic=com.shop&key={elliptic_file(tmp_path)}", clock=now, timeout=10.0)
    yield made
    made.close()


def test_a_notification_goes_with_a_provider_token(
    apns: Apns, sender: ApnsSender, outgoing: MakeOutgoing, now: Now
) -> None:
    outcome = sender.send(outgoing("push", address=TOKEN, expires=AT + 90_000))
    now.seconds += 1_200
    sender.send(outgoing("push", address=f"apns:{TOKEN}", attempt_id="other"))
    now.seconds += 1_600
    sender.send(outgoing("push", address=TOKEN))
    (headers, body), (other, _), (third, _) = apns.got
    assert (outcome.kind, outcome.provider_id) == ("accepted", headers["apns-id"])
    assert headers[":path"] == other[":path"] == f"/3/device/{TOKEN}"
    wanted = {
        "apns-topic": "com.shop",
        "apns-push-type": "alert",
        "apns-expiration": str((AT + 90_000) // 1000),
        "apns-collapse-id": "p007-ab12",
    }
    assert wanted.items() <= headers.items()
    assert "apns-expiration" not in other
    assert headers["apns-id"] != other["apns-id"]
    assert headers["apns-id"] == third["apns-id"]  # the same attempt
    assert body["aps"] == {"alert": {"title": "T", "body": "B"}}
    assert body["link"] == "app://basket"
    # signed by our key, the same for a while, and never older than an hour
    assert headers["authorization"] == other["authorization"] != third["authorization"]
    token = headers["authorization"].removeprefix("bearer ")
    options: Any = {"verify_iat": False}
    assert jwt.decode(token, elliptic().public_key(), ["ES256"], options=options) == {"iss": "T1", "iat": AT // 1000}
    assert jwt.get_unverified_header(token)["kid"] == "K1"


@pytest.mark.parametrize(
    ("status", "reason", "kind", "wait"),
    [
        (410, "Unregistered", "bad_address", None),
        (410, "ExpiredToken", "bad_address", None),
        (400, "BadDeviceToken", "refused", None),  # nothing was accepted yet: see below
        (400, "DeviceTokenNotForTopic", "refused", None),
        (400, "BadTopic", "retry", None),  # ours to put right: no message is lost by it
        (403, "InvalidProviderToken", "retry", None),
        (429, "TooManyProviderTokenUpdates", "retry", None),
        (429, "TooManyRequests", "retry", None),
        (413, "PayloadTooLarge", "refused", None),
        (400, "BadCollapseId", "refused", None),
        (500, "InternalServerError", "retry", None),
        (503, "ServiceUnavailable", "retry", 3.0),
        (503, "Shutdown", "retry", None),
        (0, "", "unknown", None),
    ],
)
def test_what_a_reason_means(
    apns: Apns, sender: ApnsSender, outgoing: MakeOutgoing, status: int, reason: str, kind: str, wait: float | None
) -> None:
    apns.script = [(status, reason)]
    outcome = sender.send(outgoing("push", address=TOKEN))
    assert (outcome.kind, outcome.retry_after, outcome.recipient) == (kind, wait, reason == "TooManyRequests")
    assert reason in outcome.reason


@pytest.mark.parametrize("reason", ["BadDeviceToken", "DeviceTokenNotForTopic"])
def test_a_wrong_environment_kills_no_token_and_says_what_to_set(
    apns: Apns, sender: ApnsSender, outgoing: MakeOutgoing, reason: str
) -> None:
    def send(token: str) -> SendOutcome:
        return sender.send(outgoing("push", address=token * 32))

    # given a service that knows none of our tokens
    apns.script = [(400, reason)] * 5
    # then the first go by another channel, and after three it is ours to put right
    assert [send(token).kind for token in ("a1", "a1", "b2", "c3", "d4")] == ["refused"] * 3 + ["retry"] * 2
    apns.script = [(400, reason)]
    assert (
        "Set up is 127.0.0.1 with topic=com.shop: released apps need api.push.apple.com, those under"
        in send("a1").reason
    )
    # when a message is accepted, the set-up fits, and a token that it does not know is dead
    assert send("e5").kind == "accepted"
    apns.script = [(400, reason)]
    assert send("a1").kind == "bad_address"


def test_a_token_that_is_too_old_for_apple_is_replaced_once(
    apns: Apns, sender: ApnsSender, outgoing: MakeOutgoing, now: Now
) -> None:
    sender.send(outgoing("push", address=TOKEN))
    now.seconds += 1
    apns.script = [(403, "ExpiredProviderToken")]
    assert sender.send(outgoing("push", address=TOKEN)).kind == "accepted"
    assert apns.got[1][0]["authorization"] != apns.got[2][0]["authorization"]
    # a new one that is refused as well is not tried for ever: our clock is wrong
    now.seconds += 1
    apns.script = [(403, "ExpiredProviderToken")] * 3
    assert sender.send(outgoing("push", address=TOKEN)).kind == "retry"
    assert len(apns.got) == 5


def test_threads_do_not_disturb_one_another(apns: Apns, sender: ApnsSender, outgoing: MakeOutgoing) -> None:
    sender.send(outgoing("push", address=TOKEN))
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: sender.send(outgoing("push", address=TOKEN, attempt_id=f"a{n}")), range(24)))
    assert {each.kind for each in said} == {"accepted"}
    assert len({headers["apns-id"] for headers, _ in apns.got}) == 25
    assert apns.connections <= 8
    # and what is kept is used again
    before = apns.connections
    sender.send(outgoing("push", address=TOKEN))
    assert apns.connections == before


def test_where_nobody_listens_nothing_was_sent(tmp_path: Path, outgoing: MakeOutgoing) -> None:
    url = f"apns+http://K:T@127.0.0.1:1?topic=t&key={elliptic_file(tmp_path)}"
    sender = ApnsSender(url, clock=lambda: 0.0, timeout=1.0)
    assert sender.send(outgoing("push", address=TOKEN)).kind == "retry"
    sender.close()


@pytest.mark.parametrize("query", ["", "?topic=t", "?topic=t&key=/nowhere.p8", "?topic=t&key=/nowhere.p8&x=1"])
def test_a_url_that_cannot_be_used(query: str) -> None:
    with pytest.raises(SetupError):
        ApnsSender(f"apns://K:hush@api.push.apple.com{query}", clock=lambda: 0.0)
