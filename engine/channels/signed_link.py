"""Links that we alone can have made: what a message's footer, header or picture leads back to.

A link carries its own facts and a signature over them; nothing is stored for it. What was signed for one kind of
link is worth nothing as another.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from engine.model.errors import SetupError

_MARK = 16  # bytes of HMAC-SHA256 that are kept: 128 bits
_LONGEST = 2_000  # characters of a token; what is longer is not one of ours
_T = TypeVar("_T", bound="msgspec.Struct")


class BadLink(ValueError):
    """It was not made by this installation, or for something else, or was changed on its way."""


class Unsubscribe(msgspec.Struct, array_like=True, frozen=True):
    """Whoever holds this link may end `purpose` on `channel` at `address`. It never ends: the law wants it to work.

    `message` is the message's id, `profile` the customer it was for when it left (a merge may have moved him).
    """

    message: str
    profile: str
    channel: str
    address: str
    purpose: str


class LinkSigner:
    """Signs with the first of `secrets`; what any of them has signed is taken, so a secret can be changed.

    Each kind of link is a msgspec Struct; its class name is part of what is signed. Raises SetupError when there
    is no secret, or one of under 16 characters.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or any(len(secret) < 16 for secret in secrets):
            raise SetupError(
                "PARCOURS_LINK_SECRET should be at least 16 characters that nobody can guess. "
                'Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        self._keys = [hashlib.sha256(b"parcours link\0" + secret.encode()).digest() for secret in secrets]

    def sign(self, link: msgspec.Struct) -> str:
        """The token: letters, digits, '-' and '_', and the same for the same facts."""
        payload = msgspec.msgpack.encode(link)
        return urlsafe_b64encode(self._mark(self._keys[0], type(link), payload) + payload).rstrip(b"=").decode()

    def read(self, token: str, kind: type[_T]) -> _T:
        """What a token says. Raises BadLink, whatever somebody may have typed."""
        if len(token) > _LONGEST or not token.isascii():
            raise BadLink("this is no link of ours")
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise BadLink("this is no link of ours") from None
        mark, payload = raw[:_MARK], raw[_MARK:]
        # one spelling for each link: what decodes alike but is written otherwise was not made here
        same = urlsafe_b64encode(raw).rstrip(b"=").decode() == token
        signed = [hmac.compare_digest(self._mark(key, kind, payload), mark) for key in self._keys]
        if not same or not any(signed):
            raise BadLink("its signature does not fit")
        try:
            return msgspec.msgpack.decode(payload, type=kind)
        except msgspec.DecodeError as fault:  # signed by a release with other facts in it
            raise BadLink(f"it cannot be read: {fault}") from None

    @staticmethod
    def _mark(key: bytes, kind: type, payload: bytes) -> bytes:
        return hmac.new(key, kind.__name__.encode() + b"\0" + payload, hashlib.sha256).digest()[:_MARK]
