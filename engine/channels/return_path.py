"""The address to which an e-mail that cannot be delivered comes back: it names the attempt, and is signed.

    bounces@mail.fernhill.example  ->  bounces+<40 letters and digits>@mail.fernhill.example

Mail servers may change its case, and 64 characters are all that may stand before the '@'.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Sequence

from engine.channels.signed_link import BadLink
from engine.model.errors import SetupError

_MARK = 10  # bytes of HMAC-SHA256 that are kept: 80 bits
_TOKEN = 40
_ATTEMPT = re.compile(r"m([0-9a-f]{26})-email-(\d{1,5})")
_ADDRESS = re.compile(r"([A-Za-z0-9._-]{1,20})@((?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+)")


class ReturnPath:
    """Return paths under one address, which receives its mail with whatever follows a '+'.

    Signs with the first of `secrets` and takes what any of them has signed. Raises SetupError when `address` is
    not plain, or longer than 20 characters before the '@'.
    """

    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise SetupError(
                f"PARCOURS_BOUNCE_ADDRESS is '{address}': write one plain address, at most 20 characters before the @: "
                "bounces@mail.shop.example"
            )
        self._local, self._domain = found.groups()
        self.address = address
        self._keys = [hashlib.sha256(b"parcours return path\0" + secret.encode()).digest() for secret in secrets]

    def of(self, attempt_id: str) -> str:
        """The return path of an attempt; the bare address for an id that is none of an e-mail."""
        found = _ATTEMPT.fullmatch(attempt_id)
        if found is None or int(found[2]) > 0xFFFF:
            return self.address
        facts = bytes.fromhex(found[1]) + int(found[2]).to_bytes(2, "big")
        token = b32encode(facts + self._mark(self._keys[0], facts)).decode().lower()
        return f"{self._local}+{token}@{self._domain}"

    def read(self, recipient: str) -> str:
        """The attempt id that a return path names, however its case was changed. Raises BadLink."""
        local, _, domain = recipient.strip().strip("<>").rpartition("@")
        base, _, token = local.partition("+")
        if (base.lower(), domain.lower()) != (self._local.lower(), self._domain.lower()):
            raise BadLink("it did not come to the bounce address")
        if len(token) != _TOKEN or not token.isascii():
            raise BadLink("the address it came to names no message")
        try:
            raw = b32decode(token.upper())
        except ValueError:
            raise BadLink("the address it came to names no message") from None
        facts, mark = raw[:-_MARK], raw[-_MARK:]
        # all are compared, so that the time taken says nothing
        if not sum(hmac.compare_digest(self._mark(key, facts), mark) for key in self._keys):
            raise BadLink("the address it came to was not made here: its signature does not fit")
        return f"m{facts[:13].hex()}-email-{int.from_bytes(facts[13:], 'big')}"

    @staticmethod
    def _mark(key: bytes, facts: bytes) -> bytes:
        return hmac.new(key, facts, hashlib.sha256).digest()[:_MARK]
