"""What the doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.model.words import N_, Words
from engine.runtime.store import Store
from engine.settings import Settings

DAYS, HOURS, MINUTES, SECONDS = N_("{n} d"), N_("{n} h"), N_("{n} min"), N_("{n} s")
Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `what` was looked at, what was `found`, and what to `do` about it ('' when nothing). The sentences are
    Words, `what` is one of a few names, so that a page may say them in its language."""

    what: str
    level: Level
    found: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What a check may look at."""

    store: Store
    settings: Settings


Check = Callable[[Patient], Iterator[Finding]]


def ok(what: str, found: str) -> Finding:
    return Finding(what, "ok", found)


def warn(what: str, found: str, do: str) -> Finding:
    return Finding(what, "warn", found, do)


def bad(what: str, found: str, do: str) -> Finding:
    return Finding(what, "bad", found, do)


def span(ms: int) -> Words:
    """'3 d', '2 h', '5 min', '12 s': a length for people."""
    for unit, length in ((DAYS, 86_400_000), (HOURS, 3_600_000), (MINUTES, 60_000)):
        if ms >= 2 * length:
            return Words(unit, n=ms // length)
    return Words(SECONDS, n=max(ms, 0) // 1000)
