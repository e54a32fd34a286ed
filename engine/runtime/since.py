"""`since`: a date, an instant, or a span back from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def since_instant(text: str, now: int) -> int:
    """Epoch ms of '2026-03-01', '2026-03-01T08:00:00Z' or '7d' (before `now`). Raises ValueError with a sentence."""
    span = re.fullmatch(r"(\d{1,6})\s*([smhdw])", text.strip())
    if span is not None:
        return now - int(span[1]) * _UNITS[span[2]] * 1000
    try:
        instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"'{text}' is no time: write 2026-03-01, 2026-03-01T08:00:00Z, or 7d") from None
    return round((instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)).timestamp() * 1000)
