"""What the runtime counts and times, for whoever measures; nobody does unless `measure_with` was called.

Only words of the plan and of the engine are passed on, never ids of customers, events or messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from engine.model.record import Record


class Meters:
    """Takes measures; this one takes none. Times are seconds."""

    def ingested(self, accepted: int, duplicates: int, seconds: float) -> None:
        """A batch of events was taken in."""

    def advanced(self, entries: int, seconds: float) -> None:
        """A batch of a shard's entries was decided and committed."""

    def woken(self, late: float) -> None:
        """A timer was decided so long after it was due."""

    def recorded(self, records: Sequence[Record]) -> None:
        """These records have been committed."""

    def sent(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        """A provider was called."""

    def together(self) -> AbstractContextManager[None]:
        """What this thread records and sends within may be counted at the end of it, or a second later."""
        return nullcontext()

    def decided(self, placement: str, how: str, seconds: float) -> None:
        """A placement was answered: `how` is shown, fallback, nothing, again, out_of_time or store_away."""

    def rules_failed(self, answers: int) -> None:
        """So many answers of rules that durable_rules owed were given by the compiled functions."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered over HTTP."""


_current = Meters()


def meters() -> Meters:
    """Those of this process."""
    return _current


def measure_with(chosen: Meters) -> None:
    """From now on this process measures with these."""
    global _current
    _current = chosen
