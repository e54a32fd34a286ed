"""Signed e-mail, as others verify it: with another's code and a name server of the test's own."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from email import message_from_bytes

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from dkim.canonicalization import Relaxed

from engine.channels.providers.dkim import DkimSigner
from engine.channels.providers.mime import Letterhead
from engine.model.errors import SetupError
from engine.model.message import Outgoing

DER, RAW = serialization.Encoding.DER, serialization.Encoding.Raw
LINK = "https://links.fernhill.example/u/abc"


def pem_of(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


def dns(key: rsa.RSAPrivateKey) -> Callable[..., bytes | None]:
    """A name server that knows one name."""
    record = b64encode(key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    return lambda name, timeout=5: (
        b"v=DKIM1; k=rsa; p=" + record if name == b"news._domainkey.fernhill.example." else None
    )


@pytest.mark.parametrize("text", ["Hello", "", "two  spaces \n\n\n", "Zoé 🌲 " * 500, ".\n..\n"])
def test_a_signed_letter_is_verified_by_whoever_asks_the_name_server(
    outgoing: Callable[..., Outgoing], key: rsa.RSAPrivateKey, text: str
) -> None:
    letter = Letterhead("Fernhill é", "hello@fernhill.example").letter(
        outgoing(subject="Votre panier vous attend à Lyon, " * 4, text=text), "ana@example.com", LINK
    )

    signed = DkimSigner("fernhill.example", "news", pem_of(key))(letter)

    assert signed.endswith(letter)
    assert dkim.verify(signed, dnsfunc=dns(key))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<https://links", b"<https://evil"),
        (b"One-Click", b"No-Clicks"),
        (b"Yours & only", b"Yours or not"),
        (b"To: ana", b"To: eve"),
        (b"Subject:", b"Subject: first\r\nSubject:"),
        (b"From:", b"From: evil@example.com\r\nFrom:"),
        (b"MIME-Version", b"List-Unsubscribe: <https://evil>\r\nMIME-Version"),
    ],
)
def test_nobody_changes_or_adds_what_matters(
    outgoing: Callable[..., Outgoing], key: rsa.RSAPrivateKey, before: bytes, after: bytes
) -> None:
    letter = Letterhead("Fernhill", "hello@fernhill.example").letter(outgoing(), "ana@example.com", LINK)
    head, _, rest = DkimSigner("fernhill.example", "news", pem_of(key))(letter).partition(b"\r\nFrom:")
    changed = (b"\r\nFrom:" + rest).replace(before, after, 1)
    assert before in b"From:" + rest
    assert not dkim.verify(head + changed, dnsfunc=dns(key))


def test_a_short_key_of_the_newer_kind_signs_too(outgoing: Callable[..., Outgoing]) -> None:
    made = ed25519.Ed25519PrivateKey.generate()
    letter = Letterhead("Fernhill", "hello@fernhill.example").letter(outgoing(), "ana@example.com", None)

    signed = DkimSigner("fernhill.example", "news", pem_of(made))(letter)

    # the verifier at hand knows RSA only: what was signed is put together again from its canonical form
    own = signed.removesuffix(letter)
    fields = [(name.encode(), value.encode() + b"\r\n") for name, value in message_from_bytes(letter).items()]
    names = re.search(rb"h=([^;]+);", own)[1].split(b":")[:-5]  # type: ignore[index]
    chosen = [next(each for each in fields if each[0].lower() == wanted) for wanted in names]
    empty = (b"DKIM-Signature", re.sub(rb" b=.*", b" b=", own.partition(b":")[2], flags=re.DOTALL) + b"\r\n")
    lines = Relaxed.canonicalize_headers([*chosen, empty])
    text = b"".join(name + b":" + value for name, value in lines).rstrip(b"\r\n")
    mark = b64decode(re.sub(rb"\s", b"", own.rpartition(b" b=")[2]))
    made.public_key().verify(mark, hashlib.sha256(text).digest())


@pytest.mark.parametrize("pem", [b"", b"no key", pem_of(rsa.generate_private_key(65537, 1024))[:400]])
def test_a_file_without_a_key_is_refused(pem: bytes) -> None:
    with pytest.raises(SetupError, match="PARCOURS_DKIM_KEY"):
        DkimSigner("fernhill.example", "news", pem)


def test_a_name_cannot_add_to_the_signature(key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(SetupError, match="cannot stand in a DKIM signature"):
        DkimSigner("fernhill.example; l=0", "news", pem_of(key))
