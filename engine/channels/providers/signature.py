"""Signatures as Standard Webhooks defines them (v1: HMAC-SHA256 over `id.timestamp.body`)."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode

from engine.model.errors import SetupError


def key_of(secret: str) -> bytes:
    """`'whsec_<base64>'` -> the key. Raises SetupError, which does not show the secret."""
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 16:
        raise SetupError(
            "The webhook's secret should read whsec_ followed by the base64 of 24 to 64 random bytes. "
            'Make one with: python -c "import base64, os; '
            "print('whsec_' + base64.b64encode(os.urandom(32)).decode())\""
        )
    return key


def signed_headers(key: bytes, identity: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of one message: its id (printable ASCII), `timestamp` in seconds, the signature."""
    content = f"{identity}.{timestamp}.".encode() + body
    mark = b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": identity, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{mark}"}
