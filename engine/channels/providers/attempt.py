"""An attempt id as it travels in a header, and back again when a receipt or a bounce quotes it."""

from __future__ import annotations

from urllib.parse import quote, unquote

# what both an e-mail's id (RFC 5322 atext) and a webhook's may hold; '%' is left out because it escapes
_SAFE = "!#$&'*+-/=?^_`{|}~."


def token(attempt_id: str) -> str:
    """Printable ASCII without spaces; the same token never stands for two attempt ids."""
    return quote(attempt_id, safe=_SAFE, errors="surrogatepass")


def message_id(attempt_id: str, domain: str) -> str:
    """The Message-ID of an attempt, with its angle brackets."""
    return f"<{token(attempt_id)}@{domain}>"


def attempt_of(header: str) -> str | None:
    """`'<p007-ab.email.1@fernhill.example>'` -> `'p007-ab.email.1'`; None when it is no Message-ID."""
    local, at, _ = header.strip().removeprefix("<").rpartition("@")
    return unquote(local, errors="surrogatepass") if at and local else None
