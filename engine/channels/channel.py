"""What the engine has to know about a channel: where it leads, what it carries, what it can tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _no_limits() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach a customer.

    name           what authors write in `via`
    address        the customer's attribute that carries the address, unless the vocabulary names another
    parts          the names of `Rendered.parts`, all of them
    normalise      value of that attribute -> the one spelling of the address, or None when it cannot be one.
                   Consent, blocks and claims are kept by this spelling. Idempotent; never raises.
    reports_open   whether a receipt may say that the customer saw the message (`try_next_after` needs it)
    shared         whether the address is a place's, so that what one customer says is not said for the others
    needs_consent  whether marketing needs a grant; False means that only a denial counts
    limits         numbers the lint compares with; characters unless the key says otherwise
    """

    name: str
    address: str
    parts: tuple[str, ...]
    normalise: Callable[[object], str | None]
    reports_open: bool
    needs_consent: bool = True
    shared: bool = False
    limits: Mapping[str, int] = field(default_factory=_no_limits, hash=False)


def plain_text(value: object) -> str | None:
    """An opaque address (a token, a store): trimmed text, or None when empty, not text, or unprintable inside."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    # Cc and Cf hide line breaks and direction marks; Cs cannot be written to a wire at all
    if not text or any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text):
        return None
    return text
