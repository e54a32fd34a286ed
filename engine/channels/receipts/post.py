"""One request of a provider, and what was read in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.model.receipt import Happened, Odd, Receipt, Word


class Forged(Exception):
    """The signature does not hold, or there is none; the message says why."""


class Unreadable(Exception):
    """The signature holds, and what it signs is not what this provider sends."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request as the provider made it: `url` whole, names of `headers` in small letters."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Reading:
    """What one post says: receipts, words of customers, what is no news (counted), and what is not understood."""

    receipts: list[Receipt] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    no_news: int = 0


def text_of(found: Mapping[str, Any], name: str, longest: int = 500) -> str:
    """A text or number of a JSON object as text; '' when it is neither."""
    value = found.get(name)
    return str(value)[:longest] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def instant(value: Any) -> int:
    """Epoch ms of an ISO 8601 instant with a zone; 0 for anything else."""
    try:
        at = datetime.fromisoformat(value)
        return round(at.timestamp() * 1000) if at.tzinfo is not None and at.year > 2000 else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def known(word: str, words: Mapping[str, Happened]) -> Happened | None:
    """The event that a provider's word stands for."""
    return words.get(word.strip().lower())
