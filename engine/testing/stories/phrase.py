"""Phrases: `basket_reminder by push at 20:40 because quiet_hours`, read and compared with records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.record import Record
from engine.testing.stories.when import Clock, Wall, parse_wall

# What `because` may name: the first word of a record's reason. `late_exit` is a goal that came after the message.
# fmt: off
RULES = (
    "accepted", "answered", "applicability", "bad_address", "best", "block", "cap", "case_expired", "completed",
    "consent", "delivery_fault", "duplicate", "eligibility", "event", "exit", "expired", "global_holdout", "goal",
    "holdout", "identity", "killed", "late_exit", "lost_step", "map", "merged", "next_channel", "no_channel",
    "no_voucher", "nothing", "past", "paused", "placement", "quiet_hours", "ramp", "refused", "render_failed", "rest",
    "retry", "runaway", "stop", "stop_if", "suitability", "suppressed", "time_to_live", "timeout", "too_late",
    "unhealthy", "unknown", "unreachable",
)
# fmt: on
_PART = re.compile(r"\s+(by|to|at|until|because)\s+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a record should be. Parts that were not written ('' or None) fit everything."""

    text: str
    name: str
    channel: str = ""
    to: str = ""
    at: Wall | None = None
    until: Wall | None = None
    rule: str = ""

    def fits(self, record: Record) -> bool:
        """Does every word that was given agree with the record?"""
        return (
            subject(record) == self.name
            and self.channel in ("", record.channel)
            and self.to in ("", recipient(record))
            and (self.at is None or self.at.fits(record.at))
            and (self.until is None or (record.until is not None and self.until.fits(record.until)))
            and (not self.rule or self.rule in rules(record))
        )


def parse_phrase(text: str, zone: str) -> Phrase:
    """Read a phrase; times without a zone are read in `zone`. Raises ValueError with a sentence."""
    text = " ".join(text.split())
    name, *rest = _PART.split(text)
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    if len(parts) < len(rest) // 2:
        twice = next(word for word in parts if rest[::2].count(word) > 1)
        raise ValueError(f"'{twice}' stands twice in '{text}'")
    if " " in name:
        raise ValueError(
            f"'{text}' is no phrase: write NAME [by CHANNEL] [to RECIPIENT] [at 20:40] [until 08:00] [because RULE]"
        )
    return Phrase(
        text=text,
        name=name,
        channel=parts.get("by", ""),
        to=parts.get("to", ""),
        at=parse_wall(parts["at"], zone) if "at" in parts else None,
        until=parse_wall(parts["until"], zone) if "until" in parts else None,
        rule=parts.get("because", ""),
    )


def subject(record: Record) -> str:
    """What a record is about: its message, segment, action, or journey."""
    if record.kind in ("entered", "left"):
        return record.reason.partition(":")[0].removeprefix("segment ")
    if record.kind in ("suggested", "suppressed", "chosen", "shown", "answered"):
        return str((record.extra or {}).get("action", ""))
    if record.kind == "flagged":
        return record.reason.partition(":")[0]
    return record.message or record.journey


def recipient(record: Record) -> str:
    """To which of our own people a message goes; '' for the customer."""
    return str((record.extra or {}).get("to", ""))


def rules(record: Record) -> tuple[str, ...]:
    """The words that `because` may use for a record."""
    rule = record.reason.partition(":")[0]
    return (rule, "late_exit") if "late_exit" in record.reason else (rule,)


def describe(record: Record, clock: Clock) -> str:
    """A record as the phrase that would have fitted it."""
    parts = [subject(record)]
    if record.channel:
        parts.append(f"by {record.channel}")
    if recipient(record):
        parts.append(f"to {recipient(record)}")
    parts.append(f"at {clock.show(record.at)}")
    if record.until is not None and record.kind not in ("suggested", "suppressed"):
        parts.append(f"until {clock.show(record.until)}")
    if record.reason and record.kind not in ("entered", "left", "flagged"):
        parts.append(f"because {rules(record)[0]}")
    return " ".join(parts)


def agree(phrases: Sequence[Phrase], records: Sequence[Record]) -> bool:
    """Do the phrases tell exactly these records? In order, but records of one instant may stand in any."""
    if len(phrases) != len(records):
        return False
    begin = 0
    while begin < len(records):
        end = begin
        while end < len(records) and records[end].at == records[begin].at:
            end += 1
        if not _paired(phrases[begin:end], records[begin:end]):
            return False
        begin = end
    return True


def _paired(phrases: Sequence[Phrase], records: Sequence[Record]) -> bool:
    """Can each phrase have a record of its own?"""
    taken: dict[int, int] = {}

    def place(phrase: int, seen: set[int]) -> bool:
        for index, record in enumerate(records):
            if index in seen or not phrases[phrase].fits(record):
                continue
            seen.add(index)
            if index not in taken or place(taken[index], seen):
                taken[index] = phrase
                return True
        return False

    return all(place(number, set()) for number in range(len(phrases)))
