"""What the core decided and why: the lines of the log, of the timeline and of `simulate --json`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Kind = Literal[
    "started",
    "sent",
    "held",
    "refused",
    "expired",
    "cancelled",
    "held_out",
    "unknown",
    "retried",
    "ended",
    "split",
    "suggested",
    "called",
    "entered",
    "left",
    "flagged",
    "set_aside",
]


class Reason(Struct, frozen=True, omit_defaults=True):
    """Why. `rule` is a stable word ('quiet_hours', 'cap', 'goal'), `observed` what was seen, `place` file:line."""

    rule: str
    observed: str = ""
    place: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.observed}" if self.observed else self.rule


class Record(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing that happened to one customer. `at` and `until` are epoch ms."""

    at: int
    profile: str
    kind: Kind
    label: str = ""
    journey: str = ""
    step: str = ""
    message: str = ""
    channel: str = ""
    reason: str = ""
    place: str = ""
    key: str = ""
    until: int | None = None
    id: str = ""
    extra: dict[str, Any] | None = None


class Row(Struct, frozen=True, omit_defaults=True):
    """A line of the outbox: this message wants to leave by this channel, not before `due` (epoch ms)."""

    channel: str
    klass: str
    message: str
    due: int
