"""Web Push against a service that speaks it: what the browser can read, who we say we are, and each answer."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.channels.providers.webpush import WebPushSender
from engine.channels.providers.webpush_seal import Sealer
from engine.model.errors import SetupError
from tests.unit.channels.conftest import AT, MakeOutgoing
from tests.unit.channels.http_sink import HANGS_UP, Endpoint
from tests.unit.channels.keys import elliptic, elliptic_file

BROWSER = ec.generate_private_key(ec.SECP256R1())
AUTH = b"0123456789abcdef"


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def opened(body: bytes) -> Any:
    """What a browser reads of a message: the other half of RFC 8291."""
    salt, theirs = body[:16], body[21 : 21 + body[20]]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    info = b"WebPush: info\x00" + point(BROWSER) + theirs
    mixed = HKDF(SHA256(), 32, AUTH, info).derive(BROWSER.exchange(ec.ECDH(), key))
    secret = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(mixed)
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(mixed)
    return json.loads(AESGCM(secret).decrypt(nonce, body[21 + body[20] :], None).removesuffix(b"\x02"))


@pytest.fixture
def where(endpoint: Endpoint) -> str:
    return f"http://127.0.0.1:{endpoint.server_address[1]}"


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[WebPushSender]:
    url = f"webpush+http://{elliptic_file(tmp_path)}?subject=mailto:push@shop.example&hosts=127.0.0.1"
    made = WebPushSender(url, clock=lambda: AT / 1000, timeout=0.4)
    yield made
    made.close()


def subscription(where: str, **keys: str) -> str:
    return json.dumps(
        {"endpoint": f"{where}/p/1?x=y", "keys": {"p256dh": text(point(BROWSER)), "auth": text(AUTH), **keys}}
    )


def test_the_encryption_is_the_published_one() -> None:
    # the example of RFC 8291, appendix A
    private = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = Sealer().seal(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
        own=ec.derive_private_key(private, ec.SECP256R1()),
    )
    assert text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_only_the_browser_can_read_it_and_it_knows_who_sent_it(
    endpoint: Endpoint, where: str, sender: WebPushSender, outgoing: MakeOutgoing
) -> None:
    endpoint.routes["/p/1?x=y"] = (201, {"location": f"{where}/m/7"}, b"")
    outcome = sender.send(outgoing("push", address=subscription(where), expires=AT + 90_500))
    sender.send(outgoing("push", address=subscription(where)))
    assert (outcome.kind, outcome.provider_id) == ("accepted", f"{where}/m/7")
    (headers, body), (other, second) = endpoint.got
    assert (headers["content-encoding"], headers["ttl"], other["ttl"]) == ("aes128gcm", "90", "2419200")
    assert headers["topic"] == "p007-ab12"
    said = opened(body)
    assert (said["title"], said["body"], said["link"]) == ("T", "B", "app://basket")
    assert body[:16] != second[:16]  # never the same keys twice
    scheme, _, rest = headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, raw(given["k"])) == ("vapid", point(elliptic()))
    claims = jwt.decode(given["t"], elliptic().public_key(), ["ES256"], audience=where, options={"verify_exp": False})
    assert claims["sub"] == "mailto:push@shop.example"
    assert 0 < claims["exp"] - AT / 1000 <= 86_400
    assert endpoint.connections == 1


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (200, {}, "accepted", None), (202, {}, "accepted", None),
        (404, {}, "bad_address", None), (410, {}, "bad_address", None),
        (400, {}, "refused", None), (403, {}, "refused", None), (413, {}, "refused", None),
        (429, {"retry-after": "30"}, "retry", 30.0), (500, {}, "retry", None), (503, {}, "retry", None),
        (502, {}, "unknown", None), (HANGS_UP, {}, "unknown", None),
    ],
)  # fmt: skip
def test_what_an_answer_means(
    endpoint: Endpoint, where: str, sender: WebPushSender, outgoing: MakeOutgoing, status: int,
    headers: dict[str, str], kind: str, wait: float | None,
) -> None:  # fmt: skip
    endpoint.script = [(status, headers, b"in words")]
    outcome = sender.send(outgoing("push", address=subscription(where)))
    assert (outcome.kind, outcome.retry_after) == (kind, wait)


@pytest.mark.parametrize(
    "elsewhere",
    ["http://127.0.0.2:1", "http://localhost:1", "https://push.apple.com.evil.example", "https://evilpush.apple.com.x",
     "http://127.0.0.1:99999", "https://u:p@web.push.apple.com", "http://[::1"],
)  # fmt: skip
def test_only_push_services_are_called(
    endpoint: Endpoint, sender: WebPushSender, outgoing: MakeOutgoing, elsewhere: str
) -> None:
    outcome = sender.send(outgoing("push", address=subscription(elsewhere)))
    assert (outcome.kind, endpoint.got) == ("refused", [])


@pytest.mark.parametrize(
    "keys", [{"auth": "AAAA"}, {"p256dh": "AAAA"}, {"p256dh": "A"}, {"p256dh": text(b"\x04" + b"x" * 64)}]
)
def test_keys_that_are_none_make_a_dead_address(
    endpoint: Endpoint, where: str, sender: WebPushSender, outgoing: MakeOutgoing, keys: dict[str, str]
) -> None:
    assert sender.send(outgoing("push", address=subscription(where, **keys))).kind == "bad_address"


def test_what_is_too_long_is_not_sent(where: str, sender: WebPushSender, outgoing: MakeOutgoing) -> None:
    long = outgoing("push", address=subscription(where))
    long.rendered.parts["body"] = "é" * 2_000
    outcome = sender.send(long)
    assert (outcome.kind, "push services take 3,993" in outcome.reason) == ("refused", True)


@pytest.mark.parametrize("query", ["", "?subject=me", "?subject=mailto:a@b.example&x=1"])
def test_a_url_that_cannot_be_used(tmp_path: Path, query: str) -> None:
    with pytest.raises(SetupError):
        WebPushSender(f"webpush://{elliptic_file(tmp_path)}{query}", clock=lambda: 0.0)
