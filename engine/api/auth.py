"""API keys: 256 random bits, kept as SHA-256, compared by it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from starlette.requests import Request

from engine.api.problem import Refused

# Who may do what; `admin` may do everything.
SCOPES = ("ingest", "decide", "prompt", "read", "author", "operate", "admin")


def key_digest(key: str) -> str:
    """What is stored of a key."""
    return sha256(key.encode()).hexdigest()


def presented(request: Request) -> str:
    """The key of a request: `Authorization: Bearer KEY` or `X-API-Key: KEY`. Raises Refused 401."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    key = value.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
    if not key:
        raise Refused(401, "No API key", "Send your key as 'Authorization: Bearer KEY'.")
    return key


def require(request: Request, scope: str, scopes_of: Callable[[str], frozenset[str]]) -> None:
    """Let a request with `scope` pass. Raises Refused 401 for an unknown key, 403 for one that may not.

    `scopes_of` maps a key's digest to its scopes (empty: unknown key).
    """
    scopes = scopes_of(key_digest(presented(request)))
    if not scopes:
        raise Refused(401, "Unknown API key", "This API key is not known here, or has been withdrawn.")
    if scope not in scopes and "admin" not in scopes:
        raise Refused(403, "Not allowed", f"This API key may not do that: it needs the scope '{scope}'.")
