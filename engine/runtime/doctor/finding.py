"""What the doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.runtime.store import Store
from engine.settings import Settings

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `what` was looked at, what was `found`, and what to `do` about it ('' when nothing)."""

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


def span(ms: int) -> str:
    """'3 d', '2 h', '5 min', '12 s': a length for people."""
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if ms >= 2 * length:
            return f"{ms // length} {unit}"
    return f"{max(ms, 0) // 1000} s"
