"""Reading a share: `10%`."""

from __future__ import annotations

import re

_PERCENT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")


def read_percent(text: str) -> float | None:
    """'10%' as 0.1; None when it is no percentage from 0 to 100."""
    found = _PERCENT.match(text)
    share = float(found.group(1)) / 100 if found else -1.0
    return share if 0 <= share <= 1 else None
