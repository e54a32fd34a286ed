"""API keys: kept only as SHA-256, and compared by it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest

from starlette.requests import Request

from engine.api.problem import Refused


class Keys:
    """The keys that may call this interface."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = tuple(sha256(key.encode()).digest() for key in keys)

    def require(self, request: Request) -> None:
        """Let a request pass that carries a key as `Authorization: Bearer KEY` or `X-API-Key: KEY`.

        Raises Refused 401 otherwise.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = value.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
        if not key:
            raise Refused(401, "No API key", "Send your key as 'Authorization: Bearer KEY'.")
        digest = sha256(key.encode("utf-8", "replace")).digest()
        # every key is compared, so that the time taken says nothing about them
        if not sum(compare_digest(digest, known) for known in self._digests):
            raise Refused(401, "Unknown API key", "This API key is not known here, or has been withdrawn.")
