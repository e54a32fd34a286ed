"""Files of events for the simulator's own tests."""

from __future__ import annotations

import json
from typing import Any


def line(at: str, name: str, who: str = "ana", *, id: str = "", received: str = "", **properties: Any) -> bytes:
    """One line of a file of events."""
    raw: dict[str, Any] = {
        "id": id or f"{name}/{who}/{at}",
        "event": name,
        "profile": {"customer_id": who},
        "at": at,
        "properties": properties,
    }
    if received:
        raw["received"] = received
    return json.dumps(raw).encode() + b"\n"
