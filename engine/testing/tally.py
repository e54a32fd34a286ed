"""What a run came to: counts of messages, reasons, goals, by journey and channel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.model.record import Record


@dataclass(slots=True)
class Tally:
    """Counts over records. `sent` by (journey, message, channel); `held`, `refused` (also expired, cancelled
    and held out) by (journey, rule); `started` by journey; `ended` by (journey, rule)."""

    started: Counter[str] = field(default_factory=Counter)
    sent: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        rule = record.reason.partition(":")[0]
        if record.kind == "sent":
            self.sent[record.journey, record.message, record.channel] += 1
        elif record.kind == "started":
            self.started[record.journey] += 1
        elif record.kind == "held":
            self.held[record.journey, rule] += 1
        elif record.kind == "ended":
            self.ended[record.journey, rule] += 1
        elif record.kind in ("refused", "expired", "cancelled", "held_out"):
            self.refused[record.journey, rule if record.kind != "cancelled" else f"cancelled by {rule}"] += 1
        else:
            self.other[record.kind] += 1

    def goals(self, journey: str) -> int:
        """How often the journey reached its goal."""
        return self.ended[journey, "goal"]
