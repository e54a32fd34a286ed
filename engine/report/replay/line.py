"""One thing that happened, or would have happened, as it is compared."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.model.record import Record


class Line(Struct, frozen=True, array_like=True):
    """An outcome without what depends on how files are laid out: its place and the version of its journey.

    `at` and `until` are epoch ms. Two lines are the same when all of this is.
    """

    at: int
    profile: str
    kind: str
    journey: str = ""
    step: str = ""
    key: str = ""
    id: str = ""
    message: str = ""
    channel: str = ""
    reason: str = ""
    until: int | None = None

    @property
    def rule(self) -> str:
        """The stable word of the reason."""
        return self.reason.partition(":")[0]


Figure = tuple[str, str, str, str, str]  # kind, journey, message, channel, rule


def figure(line: Line) -> Figure:
    """What a line counts as."""
    return line.kind, line.journey, line.message, line.channel, line.rule


def of_record(record: Record) -> Line:
    """The line of a record of the core."""
    return Line(
        record.at,
        record.profile,
        record.kind,
        record.journey,
        record.step,
        record.key,
        record.id,
        record.message,
        record.channel,
        record.reason,
        record.until,
    )


# Columns of the archive's table `outcomes` in the order of Line.
COLUMNS = "decided, profile, kind, journey, step, key, id, message, channel, reason, until"


def of_row(row: tuple[Any, ...]) -> Line:
    """The line of a row with COLUMNS."""
    return Line(*row)
