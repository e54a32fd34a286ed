"""Signatures as Standard Webhooks defines them (v1: HMAC-SHA256 over `id.timestamp.body`)."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from engine.model.errors import SetupError

MOST_MARKS = 10  # signatures of one request that are looked at


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """`'whsec_<base64>'` -> its key; several secrets are separated by spaces, while a new one takes over.

    Raises SetupError, which does not show the secret.
    """
    keys = tuple(_key(secret) for secret in secrets.split())
    if not keys or any(len(key) < 16 for key in keys):
        raise SetupError(
            "The webhook's secret should read whsec_ followed by the base64 of 24 to 64 random bytes. "
            'Make one with: python -c "import base64, os; '
            "print('whsec_' + base64.b64encode(os.urandom(32)).decode())\""
        )
    return keys


def signed_headers(keys: Sequence[bytes], identity: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of one message: its id (printable ASCII), `timestamp` in seconds, a signature by each key."""
    marks = " ".join(_marks(keys, identity, str(timestamp), body))
    return {"webhook-id": identity, "webhook-timestamp": str(timestamp), "webhook-signature": marks}


def signed(keys: Sequence[bytes], identity: str, timestamp: str, body: bytes, marks: str) -> bool:
    """Whether one of these signatures (as in the header) is by one of the keys."""
    given = [mark.encode("utf-8", "replace") for mark in marks.split()[:MOST_MARKS]]
    own = [mark.encode() for mark in _marks(keys, identity, timestamp, body)]
    return bool(sum(hmac.compare_digest(one, other) for one in own for other in given))


def _marks(keys: Sequence[bytes], identity: str, timestamp: str, body: bytes) -> list[str]:
    content = f"{identity}.{timestamp}.".encode() + body
    return ["v1," + b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys]


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""
