"""API keys: kept only as SHA-256, compared by it, and good for what their scopes say."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Literal, get_args

from starlette.requests import Request

from engine.api.problem import Refused
from engine.model.errors import SetupError

Scope = Literal["ingest", "decide", "prompt", "read", "author", "operate", "admin"]
SCOPES: tuple[str, ...] = get_args(Scope)
HASHED = "sha256="


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the SHA-256 of it, what it is good for (`admin`: everything), and the store it is for ('': all)."""

    digest: bytes
    scopes: frozenset[str]
    store: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether it is good for something of this scope."""
        return scope in self.scopes or "admin" in self.scopes

    @property
    def who(self) -> str:
        """Whose key it is, for the audit: the key itself cannot be told from it."""
        return f"the HTTP interface, key {self.digest.hex()[:8]}"


class Keys:
    """The keys that may call this interface, as PARCOURS_API_KEYS writes them.

    `KEY` is good for everything; `ingest+read:KEY` for what its scopes name, `prompt@lyon:KEY` for the prompts of one
    store. `sha256=HEX` may stand for a key, so that none needs to be written down. Raises SetupError for what is
    none of this; never repeats a key.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(_read(each) for each in keys)

    def require(self, request: Request, scope: Scope = "admin", *, store: str = "") -> Key:
        """Let a request pass that carries a key of `scope` (for `store`), as `Authorization: Bearer KEY`,
        `X-API-Key: KEY` or the user's name of Basic.

        Raises Refused 401 without a known key, 403 when it is not good for this.
        """
        return self.check(_given(request), scope, store=store)

    def check(self, key: str, scope: Scope, *, store: str = "") -> Key:
        """The same for a key that came some other way."""
        if not key:
            raise Refused(401, "No API key", "Send your key as 'Authorization: Bearer KEY'.")
        digest = sha256(key.encode("utf-8", "replace")).digest()
        # every key is compared, so that the time taken says nothing about them
        found = [known for known in self._keys if compare_digest(digest, known.digest)]
        if not found:
            raise Refused(401, "Unknown API key", "This API key is not known here, or has been withdrawn.")
        good = [known for known in found if known.may(scope)]
        if not good:
            detail = f"This key is good for {', '.join(sorted(found[0].scopes))}; '{scope}' is needed here."
            raise Refused(403, "Not with this key", detail)
        here = [known for known in good if not known.store or not store or known.store == store]
        if not here:
            raise Refused(403, "Not with this key", f"This key is for the store '{good[0].store}' only.")
        return here[0]

    def scopes(self, digest: bytes) -> frozenset[str]:
        """All that a key is good for which hashes to `digest`; nothing when there is none, or none any more."""
        return frozenset().union(*(known.scopes for known in self._keys if compare_digest(digest, known.digest)))


def _given(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            name, _, password = b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return ""
        return name or password
    return request.headers.get("x-api-key", "").strip()


def _read(written: str) -> Key:
    before, colon, secret = written.rpartition(":")
    if not colon:
        before, secret = "admin", written
    words, at, store = before.partition("@")
    scopes = frozenset(words.split("+"))
    strangers = sorted(scopes - set(SCOPES))
    if strangers:
        raise SetupError(
            f"PARCOURS_API_KEYS: what stands before ':' is no scope. Scopes are {', '.join(SCOPES)}: ingest+read:KEY."
        )
    if at and (scopes != {"prompt"} or not store):
        raise SetupError("PARCOURS_API_KEYS: only a key of the scope prompt is for one store: prompt@lyon:KEY.")
    if secret.startswith(HASHED):
        try:
            digest = bytes.fromhex(secret.removeprefix(HASHED))
        except ValueError:
            digest = b""
        if len(digest) != 32:
            raise SetupError("PARCOURS_API_KEYS: after sha256= come 64 hexadecimal digits.")
        return Key(digest, scopes, store)
    if not secret:
        raise SetupError("PARCOURS_API_KEYS: after ':' comes the key.")
    return Key(sha256(secret.encode()).digest(), scopes, store)
