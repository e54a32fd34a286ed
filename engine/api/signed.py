"""Proof that a source wrote what it is said to have sent: an HMAC-SHA256 of the body's very bytes."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence

from engine.api.problem import Refused
from engine.model.source import Signature


def signed(signature: Signature, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Let a body pass that was signed with one of the secrets.

    Raises Refused 401 for another, 503 while there is no secret: the sender tries again, and nothing is lost.
    """
    if not secrets:
        detail = f"No secret '{signature.secret}' is set: PARCOURS_SOURCE_SECRETS=\"{signature.secret}=...\"."
        raise Refused(503, "Not set up", detail)
    given = headers.get(signature.header, "").strip()
    if not given:
        raise Refused(401, "Not signed", f"The header {signature.header} is missing.")
    for secret in secrets:
        digest = hmac.digest(secret.encode(), body, "sha256")
        right = b64encode(digest).decode() if signature.encoding == "base64" else digest.hex()
        if hmac.compare_digest(f"{signature.prefix}{right}".encode(), given.encode("utf-8", "replace")):
            return
    raise Refused(401, "Wrongly signed", f"The signature in {signature.header} is not that of this body.")
