"""An address as it may be shown to whoever holds a link: its owner knows it again, nobody else learns it."""

from __future__ import annotations

_HIDDEN = "\N{BULLET}" * 3


def masked(channel: str, address: str) -> str:
    """`ana@fernhill.example` -> `a•••@f•••.example`, `+33612345678` -> `+33•••78`; '' where nobody knows theirs."""
    if channel == "email" and "@" in address:
        name, _, domain = address.rpartition("@")
        host, _, end = domain.rpartition(".")
        return f"{name[:1]}{_HIDDEN}@{(host or domain)[:1]}{_HIDDEN}" + (f".{end}" if host else "")
    if address.startswith("+") and len(address) > 7:
        return f"{address[:3]}{_HIDDEN}{address[-2:]}"
    return ""
