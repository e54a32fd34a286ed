"""Posts to a real HTTP server: the signature, and what each answer means."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from engine.channels.providers.signature import keys_of, signed_headers
from engine.channels.providers.webhook import WebhookSender
from engine.model.errors import SetupError
from engine.model.message import Outgoing
from tests.unit.channels.certificate import Certificate
from tests.unit.channels.http_sink import HANGS_UP, SILENT, Endpoint

Make = Callable[..., Outgoing]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def sender(endpoint: Endpoint) -> Iterator[WebhookSender]:
    with closing(WebhookSender(endpoint.url, SECRET, "sms", clock=time.time, timeout=5)) as client:
        yield client


def test_the_receiver_can_prove_who_sent_it(outgoing: Make, endpoint: Endpoint, sender: WebhookSender) -> None:
    outcome = sender.send(outgoing("sms", address="+33612345678"))

    assert (outcome.kind, outcome.provider_id) == ("accepted", "n-1")
    ((headers, body),) = endpoint.got
    seen = Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == "p007-ab12.sms.1"
    assert seen["timestamp"] == "2026-04-04T10:15:00.000+00:00"
    assert seen["data"]["address"] == "+33612345678"
    assert seen["data"]["parts"] == {"text": "Votre panier vous attend à Lyon"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"12345678", b"87654321"), headers)


def test_the_signature_is_the_published_one() -> None:
    # the example of the Standard Webhooks specification's own library
    headers = signed_headers(keys_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_one_connection_serves_many_messages(outgoing: Make, endpoint: Endpoint, sender: WebhookSender) -> None:
    endpoint.script = [(200, {}, b""), (400, {}, b"no"), (200, {}, b"x" * 200_000)]

    kinds = [sender.send(outgoing("sms", attempt_id=f"a{n}")).kind for n in range(3)]

    assert kinds == ["accepted", "refused", "accepted"]
    assert endpoint.connections == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "accepted"), (202, "accepted"), (204, "accepted"),
        (307, "refused"),  # the signature is for this URL: it is not carried elsewhere
        (400, "refused"), (401, "refused"), (422, "refused"),
        (404, "bad_address"), (410, "bad_address"),
        (408, "retry"), (429, "retry"), (500, "retry"), (503, "retry"),
        (502, "unknown"), (504, "unknown"),  # a gateway lost the answer of what stands behind it
    ],
)  # fmt: skip
def test_a_status_has_one_meaning(
    outgoing: Make, endpoint: Endpoint, sender: WebhookSender, status: int, kind: str
) -> None:
    endpoint.script = [(status, {"location": endpoint.url} if status == 307 else {}, b"")]

    outcome = sender.send(outgoing("sms"))

    assert outcome.kind == kind
    assert kind == "accepted" or str(status) in outcome.reason
    assert len(endpoint.got) == 1


def test_a_gateway_is_asked_again_where_repeating_is_harmless(outgoing: Make, endpoint: Endpoint) -> None:
    endpoint.script = [(502, {}, b"")]
    with closing(WebhookSender(endpoint.url, SECRET, "sms", clock=time.time, idempotent=True)) as sender:
        assert sender.send(outgoing("sms")).kind == "retry"


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, "30", 30.0),
        (503, "0", 0.0),
        (503, "Sat, 04 Apr 2026 10:17:00 GMT", 120.0),
        (503, "Sat, 04 Apr 2026 10:00:00 GMT", 0.0),  # already over
        (429, "soon", None),
        (429, "", None),
        (429, "²", None),
        (500, "30", None),
    ],
)
def test_retry_after(outgoing: Make, endpoint: Endpoint, status: int, header: str, wait: float | None) -> None:
    endpoint.script = [(status, {"retry-after": header}, b"slow down")]
    with closing(WebhookSender(endpoint.url, SECRET, "sms", clock=lambda: 1_775_297_700.0)) as sender:
        outcome = sender.send(outgoing("sms"))

    assert (outcome.kind, outcome.retry_after) == ("retry", wait)
    assert "slow down" in outcome.reason


@pytest.mark.parametrize("silent", [SILENT, HANGS_UP])
def test_no_answer_after_the_post_is_unknown(outgoing: Make, endpoint: Endpoint, silent: int) -> None:
    endpoint.script = [(silent, {}, b"")]
    with closing(WebhookSender(endpoint.url, SECRET, "sms", clock=time.time, timeout=0.3)) as sender:
        outcome = sender.send(outgoing("sms"))
        after = sender.send(outgoing("sms", attempt_id="next"))

    assert outcome.kind == "unknown"
    assert outcome.reason
    assert after.kind == "accepted"


def test_a_kept_connection_that_the_server_closed_is_not_used_again(
    outgoing: Make, endpoint: Endpoint, sender: WebhookSender
) -> None:
    endpoint.idle = 0.02
    sender.send(outgoing("sms", attempt_id="a1"))
    time.sleep(0.1)

    assert sender.send(outgoing("sms", attempt_id="a2")).kind == "accepted"
    assert endpoint.connections == 2


def test_something_that_speaks_no_http_is_unknown(outgoing: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(65_536)
                link.sendall(b"220 smtp.example ready\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with closing(WebhookSender(url, SECRET, "sms", clock=time.time, timeout=5)) as sender:
            outcome = sender.send(outgoing("sms"))
        thread.join()

    assert outcome.kind == "unknown"


def test_a_post_that_did_not_get_through_is_a_retry(outgoing: Make) -> None:
    # given a server that hangs up while a body larger than all buffers is on its way
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with closing(WebhookSender(url, SECRET, "sms", clock=time.time, timeout=5)) as sender:
            outcome = sender.send(outgoing("sms", text="x" * 12_000_000))
        thread.join()

    assert outcome.kind == "retry"
    assert "lost while sending" in outcome.reason


def test_https_trusts_only_whom_it_should(outgoing: Make, endpoint: Endpoint, certificate: Certificate) -> None:
    endpoint.socket = certificate.server.wrap_socket(endpoint.socket, server_side=True, do_handshake_on_connect=False)
    url = endpoint.url.replace("http:", "https:")
    with closing(WebhookSender(url, SECRET, "sms", clock=time.time, tls=certificate.client)) as trusting:
        trusted = [trusting.send(outgoing("sms", attempt_id=f"a{n}")).kind for n in range(2)]
    with closing(WebhookSender(url, SECRET, "sms", clock=time.time)) as strict:
        unknown_authority = strict.send(outgoing("sms"))

    assert trusted == ["accepted", "accepted"]
    assert unknown_authority.kind == "retry"
    assert "certificate" in unknown_authority.reason


def test_threads_share_a_sender(outgoing: Make, endpoint: Endpoint, sender: WebhookSender) -> None:
    with ThreadPoolExecutor(6) as pool:
        kinds = list(pool.map(lambda n: sender.send(outgoing("sms", attempt_id=f"t{n}")).kind, range(30)))

    assert kinds == ["accepted"] * 30
    assert len({headers["webhook-id"] for headers, _ in endpoint.got}) == 30
    assert endpoint.connections <= 6


def test_no_server_is_a_retry(outgoing: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(WebhookSender(f"http://127.0.0.1:{port}", SECRET, "sms", clock=time.time)) as sender:
        assert sender.send(outgoing("sms")).kind == "retry"


@pytest.mark.parametrize(
    ("answer", "identity"),
    [(b'{"id": 7}', "7"), (b'{"id": null}', ""), (b"[1]", ""), (b"not json", ""), (b"[" * 9000, ""), (b"\xff", "")],
)
def test_an_odd_answer_still_is_an_acceptance(
    outgoing: Make, endpoint: Endpoint, sender: WebhookSender, answer: bytes, identity: str
) -> None:
    endpoint.script = [(200, {}, answer)]

    outcome = sender.send(outgoing("sms"))

    assert (outcome.kind, outcome.provider_id) == ("accepted", identity)


def test_an_answer_cut_short_still_is_an_acceptance(outgoing: Make, endpoint: Endpoint, sender: WebhookSender) -> None:
    endpoint.script = [(200, {"content-length": "500", "connection": "close"}, b'{"id"')]

    assert sender.send(outgoing("sms")).kind == "accepted"


def test_hostile_values_stay_values(outgoing: Make, endpoint: Endpoint, sender: WebhookSender) -> None:
    hostile = 'a\r\nx-evil: 1\x00"\ud800é'

    assert sender.send(outgoing("sms", attempt_id=hostile, address=hostile)).kind == "accepted"

    headers, body = endpoint.got[0]
    assert "x-evil" not in headers
    assert json.loads(body)["data"]["address"] == hostile
    Webhook(SECRET).verify(body, headers)


WRONG = [
    ("ftp://x.example", SECRET),
    ("not a url", SECRET),
    ("https://", SECRET),
    ("https://a:b@x.example", SECRET),
    ("https://x.example/ü b", SECRET),
    ("http://x:port", SECRET),
    ("https://x.example", "whsec_abc"),
    ("https://x.example", ""),
    ("https://x.example", "plain password!"),
]


@pytest.mark.parametrize(("url", "secret"), WRONG)
def test_a_wrong_setup_is_said_at_once_without_the_secret(url: str, secret: str) -> None:
    with pytest.raises(SetupError) as caught:
        WebhookSender(url, secret, "sms", clock=time.time)

    assert not secret or secret not in str(caught.value)
