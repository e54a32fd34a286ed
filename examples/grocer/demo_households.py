"""Which households the demo looks at closely: the fewest lines that show the most, chosen by what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.model.record import Record

STORY = 16  # records; who reads more of one household?
LONGEST = 40  # for those whose messages are only compared and opened

Year = Mapping[str, Sequence[Record]]
"""What happened in the year, by household (`household:2069`), in order."""


def lessons(records: Iterable[Record]) -> frozenset[tuple[str, str]]:
    """What can be seen here: each message, each channel, each rule that held or refused one, each kind of end."""
    found = set()
    for record in records:
        if record.kind == "sent":
            found |= {("sent", record.message), ("sent by", record.channel)}
        elif record.kind not in ("started", "suggested", "flagged", "set_aside"):
            found.add((record.kind, record.reason.partition(":")[0]))
    return frozenset(found)


def chosen(year: Year, most: int = 5) -> list[str]:
    """Up to `most` households: first the one to tell about, then whoever adds most to what can be seen.

    The shorter story wins a tie, then the smaller number: the same on every run.
    """
    known = {label: lessons(records) for label, records in year.items() if 0 < len(records) <= LONGEST}
    shown: set[tuple[str, str]] = set()
    found: list[str] = []
    while len(found) < most:
        limit = LONGEST if found else STORY
        able = [label for label in known if known[label] - shown and len(year[label]) <= limit]
        if not able:
            break
        best = min(able, key=lambda label: (-len(known[label] - shown), len(year[label]), number(label)))
        found.append(best)
        shown |= known[best]
    return found


def number(label: str) -> int:
    """2069 of `household:2069`."""
    return int(label.rpartition(":")[2])
