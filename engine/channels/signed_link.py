"""Links that we alone can have made: what a message's footer, header or picture leads back to.

A link carries its own facts, sealed, and a signature over them; nothing is stored for it. What was signed for one
kind of link is worth nothing as another, and whoever is forwarded a link reads no address in it.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import msgspec

from engine.model.errors import SetupError

_MARK = 16  # bytes of HMAC-SHA256 that are kept: 128 bits
LONGEST = 2_000  # characters of a token; what is longer is not one of ours
_SHORT_MARK = 8  # of a link that only says which: guessing one of them takes 2^63 tries
_SHORT = 13 + 1 + _SHORT_MARK
SHORT_TOKEN = 30  # characters, as no other token has: those of 14 facts and more are longer
_NUMBER = "number"
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


class Click(msgspec.Struct, array_like=True, frozen=True):
    """A link that leads to `address`, and was in the message of that id."""

    message: str
    address: str


class Opening(msgspec.Struct, array_like=True, frozen=True):
    """The picture in a message."""

    message: str


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
        return _token(self._keys[0], type(link).__name__, msgspec.msgpack.encode(link))

    def sign_number(self, message: str, number: int) -> str:
        """A token of 30 characters for the link of that number (0 to 255) in a message."""
        facts = bytes.fromhex(message[1:]) + bytes([number])
        return _written(facts + self._mark(self._keys[0], _NUMBER, facts)[:_SHORT_MARK])

    def read_number(self, token: str) -> tuple[str, int]:
        """Message id and number of such a token. Raises BadLink."""
        raw = self._raw(token)
        facts, mark = raw[:-_SHORT_MARK], raw[-_SHORT_MARK:]
        known = [hmac.compare_digest(self._mark(key, _NUMBER, facts)[:_SHORT_MARK], mark) for key in self._keys]
        if len(raw) != _SHORT or not any(known):
            raise BadLink("its signature does not fit")
        return f"m{facts[:-1].hex()}", facts[-1]

    def read(self, token: str, kind: type[_T]) -> _T:
        """What a token says. Raises BadLink, whatever somebody may have typed."""
        raw = self._raw(token)
        mark, payload = raw[:_MARK], b""
        for key in self._keys:
            opened = self._seal(key, mark, raw[_MARK:])
            if hmac.compare_digest(self._mark(key, kind.__name__, opened), mark):
                payload = opened
        if not payload:
            raise BadLink("its signature does not fit")
        try:
            return msgspec.msgpack.decode(payload, type=kind)
        except msgspec.DecodeError as fault:  # signed by a release with other facts in it
            raise BadLink(f"it cannot be read: {fault}") from None

    @staticmethod
    def _raw(token: str) -> bytes:
        if not 0 < len(token) <= LONGEST or not token.isascii():
            raise BadLink("this is no link of ours")
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise BadLink("this is no link of ours") from None
        if _written(raw) != token:  # one spelling for each link: what is written otherwise was not made here
            raise BadLink("this is no link of ours")
        return raw

    @staticmethod
    def _mark(key: bytes, kind: str, payload: bytes) -> bytes:
        return hmac.digest(key, kind.encode() + b"\0" + payload, "sha256")[:_MARK]

    @staticmethod
    def _seal(key: bytes, mark: bytes, payload: bytes) -> bytes:
        """Seals, and opens what is sealed. The mark depends on all that is sealed, so no stream is used twice (SIV)."""
        stream = hashlib.shake_256(b"parcours seal\0" + key + mark).digest(len(payload))
        return (int.from_bytes(payload) ^ int.from_bytes(stream)).to_bytes(len(payload))


@lru_cache(maxsize=256)  # a message's own link stands in its parts and in its head
def _token(key: bytes, kind: str, payload: bytes) -> str:
    mark = LinkSigner._mark(key, kind, payload)
    return _written(mark + LinkSigner._seal(key, mark, payload))


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
