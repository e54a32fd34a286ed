"""What was stopped, and what was learned, at each instant of the past."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from engine.model.flags import NO_FLAGS, Flags
from engine.report.archive.lessons import Learned, PastLessons
from engine.report.archive.past import Past
from engine.runtime.overheard import Stopped

_stopped = msgspec.json.Decoder(Stopped)


class PastFlags:
    """Flags of the entries of an archive, and of the instants between them.

    `stopped` says, in order, from when on (epoch ms) what was stopped, as the log keeps it (None: nothing).
    """

    def __init__(self, lessons: PastLessons, stopped: Sequence[tuple[int, str | None]]) -> None:
        self._lessons = lessons
        self._plain: dict[int, Flags] = {}
        self._from = [at for at, _ in stopped]
        self._then = [_stopped.decode(each) if each is not None else None for _, each in stopped]

    def of(self, entry: Past) -> Flags:
        """Those by which an entry was decided."""
        return self._with(entry.flags, entry.learned)

    def at(self, now: int) -> Flags:
        """Those of an instant at which nothing was decided then."""
        number = bisect_right(self._from, now) - 1
        then = self._then[number] if number >= 0 else None
        return self._with(NO_FLAGS, 0) if then is None else self._with(then.flags(), then.learned)

    def _with(self, flags: Flags, learned: int) -> Flags:
        if flags is not NO_FLAGS:
            return replace(flags, learned=Learned(self._lessons, learned))
        found = self._plain.get(learned)
        if found is None:
            found = self._plain[learned] = Flags(learned=Learned(self._lessons, learned))
        return found
