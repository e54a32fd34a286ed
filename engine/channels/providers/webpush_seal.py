"""Encrypting a push message for one browser (RFC 8291: aes128gcm of RFC 8188 in one record)."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from typing import Any

from engine.model.errors import SetupError

RECORD = 4_096  # bytes that every push service takes
LARGEST = RECORD - 86 - 16 - 1  # of the message itself: beside it stand a header, a mark and the end


class Sealer:
    """Raises SetupError when the extra is not installed."""

    def __init__(self) -> None:
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        except ImportError:
            raise SetupError("Web Push needs an extra: pip install 'parcours[providers]'.") from None
        self._ec, self._hashes, self._serial, self._gcm, self._hkdf = ec, hashes, serialization, AESGCM, HKDF

    def point(self, private: Any) -> bytes:
        """The public half of a key, as 65 bytes."""
        serial = self._serial
        raw: bytes = private.public_key().public_bytes(serial.Encoding.X962, serial.PublicFormat.UncompressedPoint)
        return raw

    def seal(self, text: bytes, p256dh: str, auth: str, *, salt: bytes = b"", own: Any = None) -> bytes:
        """The body of the request, for the keys of a subscription. `salt` and `own` (a private key) are made anew
        for each message unless a test gives them. Raises ValueError when the browser's keys are none."""
        ec = self._ec
        try:
            point, secret = _raw(p256dh), _raw(auth)
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise ValueError("the keys of this subscription are none") from None
        if len(secret) != 16:
            raise ValueError("the keys of this subscription are none")
        own = own or ec.generate_private_key(ec.SECP256R1())
        salt, mine = salt or os.urandom(16), self.point(own)
        shared = own.exchange(ec.ECDH(), theirs)
        mixed = self._derive(shared, secret, b"WebPush: info\x00" + point + mine, 32)
        key = self._derive(mixed, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = self._derive(mixed, salt, b"Content-Encoding: nonce\x00", 12)
        head = salt + RECORD.to_bytes(4, "big") + bytes([len(mine)]) + mine
        return head + self._gcm(key).encrypt(nonce, text + b"\x02", None)

    def _derive(self, secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        derived: bytes = self._hkdf(self._hashes.SHA256(), length, salt, info).derive(secret)
        return derived


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
