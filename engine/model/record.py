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
    "withdrawn",
    "held_out",
    "unknown",
    "retried",
    "ended",
    "moved",
    "split",
    "suggested",
    "suppressed",
    "chosen",
    "shown",
    "answered",
    "called",
    "entered",
    "left",
    "merged",
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
    """One thing that happened to one customer. `at` and `until` are epoch ms, `version` is the journey's as it ran,
    `purpose` that of the message, if there is one."""

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
    version: str = ""
    purpose: str = ""


class Told(
    Struct,
    omit_defaults=True,
    kw_only=True,
    rename={
        "at": "a",
        "kind": "k",
        "journey": "j",
        "version": "v",
        "step": "s",
        "message": "m",
        "channel": "c",
        "reason": "r",
        "place": "p",
        "key": "y",
        "until": "u",
        "id": "i",
        "extra": "x",
        "plan": "f",
    },
):
    """One line of a customer's timeline: a record, an event that led to something, or a step that was come to.

    `kind` is that of a record, or `event` (`message` is its name, `id` its id) or `step` (`message` is its
    verb). `version` is the journey's as it ran, `plan` the fingerprint of the plan that decided. The names are short
    in the store: there is a timeline for every customer.
    """

    at: int
    kind: str
    journey: str = ""
    version: str = ""
    step: str = ""
    message: str = ""
    channel: str = ""
    reason: str = ""
    place: str = ""
    key: str = ""
    until: int | None = None
    id: str = ""
    extra: dict[str, Any] | None = None
    plan: str = ""

    @classmethod
    def of(cls, record: Record) -> Told:
        """The line that tells a record."""
        return cls(
            at=record.at,
            kind=record.kind,
            journey=record.journey,
            version=record.version,
            step=record.step,
            message=record.message,
            channel=record.channel,
            reason=record.reason,
            place=record.place,
            key=record.key,
            until=record.until,
            id=record.id,
            extra=record.extra,
        )


class Row(Struct, frozen=True, omit_defaults=True):
    """A line of the outbox: this message wants to leave by this channel, not before `due` (epoch ms)."""

    channel: str
    klass: str
    message: str
    due: int
