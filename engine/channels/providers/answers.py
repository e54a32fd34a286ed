"""What HTTP answers have in common, whoever gives them."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any

from engine.channels.providers.http_post import Answer

SAID = 200  # characters of an answer that a reason quotes


def wait_of(text: str, now: float) -> float | None:
    """Seconds from `now` (epoch) that a Retry-After means: it holds seconds or a date. None when it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer; {} for any other answer."""
    if not body:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def quoted(answer: Answer, said: str = "") -> str:
    """A reason: the status, and what was said in one line."""
    said = said or answer.body.decode("utf-8", "replace")
    return f"HTTP {answer.status} {' '.join(said.split())[:SAID]}".rstrip()


def not_sure(status: int) -> bool:
    """Whether a gateway speaks: what stands behind it may have the message."""
    return status in (502, 504)
