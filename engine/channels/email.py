"""E-mail: a subject, a page, and the same in plain text."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

from engine.channels.channel import Channel, plain_text

# What the validator gives back unchanged; it takes 0.1 ms to say so, and each message asks.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(?!.{{255}})[a-z0-9_+-]{{1,32}}(?:\.[a-z0-9_+-]{{1,15}}){{0,2}}@(?:(?!..--){_LABEL}\.){{1,8}}"
    r"(?!arpa$|invalid$|local$|localhost$|onion$)[a-z]{2,24}"
)


def normalise(value: object) -> str | None:
    """`' Ana@Example.COM '` -> `'ana@example.com'`; None when it cannot be an address. Asks no DNS.

    The local part is lowered too: no provider of note tells `Ana@` from `ana@`, and an unsubscribe
    has to hold for both.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    text = plain_text(value)
    return _validated(text) if text is not None else None


@lru_cache(maxsize=4096)
def _validated(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email  # 60 ms, and many commands never come here

    try:
        # test_environment lets `.test` pass, which the stories of a workspace are free to use
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


EMAIL = Channel(
    name="email",
    address="email",
    parts=("subject", "preheader", "html", "text"),
    normalise=normalise,
    reports_open=True,
    # 102 kB is where Gmail cuts a page off, and the legal line stands at its end
    limits=MappingProxyType({"subject": 78, "preheader": 100, "html_bytes": 102_000}),
)
