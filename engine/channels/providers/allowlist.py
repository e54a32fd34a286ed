"""Only the addresses one has listed get real messages; all others land in the outbox."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from engine.model.message import Outgoing, Sender, SendOutcome


class AllowlistSender:
    """A `Sender` that chooses between two by the address.

    `patterns` are whole addresses, where `*` stands for anything but an `@` or a separator:
    `*@fernhill.example`, `+33612345678`. E-mail addresses match in any case, all others exactly.
    No pattern: nothing real goes out. It promises what `real` promises; the outbox's outcome says
    why the message is there.
    """

    def __init__(self, real: Sender, outbox: Sender, patterns: Iterable[str]) -> None:
        self._real = real
        self._outbox = outbox
        self._rules = tuple(_rule(pattern.strip()) for pattern in patterns if pattern.strip())
        self.name = real.name
        self.idempotent = real.idempotent

    def allows(self, address: str) -> bool:
        """Whether a message to this address really leaves."""
        return any(rule.fullmatch(address) for rule in self._rules)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Hand over to the one or the other."""
        if self.allows(outgoing.address):
            return self._real.send(outgoing)
        outcome = self._outbox.send(outgoing)
        why = "allowlist: this address is not on it, so the message went to the outbox"
        return replace(outcome, reason=f"{why}; {outcome.reason}" if outcome.reason else why)

    def close(self) -> None:
        """Close both."""
        self._real.close()
        self._outbox.close()


def _rule(pattern: str) -> re.Pattern[str]:
    shape = r"[^@\s,;<>]*".join(re.escape(piece) for piece in pattern.split("*"))
    return re.compile(shape, re.IGNORECASE if "@" in pattern else 0)
