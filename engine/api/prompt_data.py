"""Prompts as JSON, and as server-sent events."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi.sse import format_sse_event

from engine.policy.wallclock import iso
from engine.runtime.store_prompts import Happened, Shown, Standing, Table


def table_data(store: str, table: Table) -> dict[str, Any]:
    """Everything that a store shows at one instant."""
    shown = [prompt_data(store, each, table.now) for each in table.prompts]
    return {"store": store, "now": iso(table.now), "count": table.count, "prompts": shown}


def prompt_data(store: str, prompt: Shown, now: int) -> dict[str, Any]:
    """One prompt: what the customer may see, and apart from it what only the associate does."""
    said = prompt.said
    claim = prompt.claim if prompt.claim is not None and prompt.claim[2] > now else None
    return {
        "id": prompt.id,
        "store": store,
        "customer": said.get("label", ""),
        "journey": said.get("journey", ""),
        "message": said.get("message", ""),
        "text": {name: said.get(name, "") for name in ("title", "body", "link")},
        "talk_track": said.get("associate", ""),
        "until": iso(prompt.until),
        "claim": _claim(*claim) if claim is not None else None,
    }


def claim_data(found: Standing) -> dict[str, Any] | None:
    """Who has taken a prompt, since when, and until when nobody else may."""
    return _claim(found.by, found.since, found.until) if found.since else None


def told(store: str, event: Happened) -> bytes:
    """One event of a store for its tills."""
    now = int(event.id.partition("-")[0])
    if event.kind == "shown":
        if event.prompt is None:  # withdrawn or answered meanwhile: the till learns where it stands, and no more
            return format_sse_event(id=event.id, comment="over")
        return sse("shown", {**prompt_data(store, event.prompt, now), "now": iso(now)}, event.id)
    data: dict[str, Any] = {"id": event.about, "store": store, "now": iso(now)}
    if event.kind == "claimed":
        data["claim"] = _claim(event.more["by"], int(event.more["at"]), int(event.more["until"]))
    elif event.kind == "answered":
        data |= {"associate": event.more["by"], "outcome": event.more["outcome"]}
    elif event.kind == "withdrawn":
        data["reason"] = event.more.get("reason", "")
    return sse(event.kind, data, event.id)


def sse(kind: str, data: dict[str, Any], name: str) -> bytes:
    """An event in the format of `text/event-stream`."""
    return format_sse_event(event=kind, data_str=msgspec.json.encode(data).decode(), id=name)


def _claim(by: str, since: int, until: int) -> dict[str, Any]:
    return {"associate": by, "at": iso(since), **({"until": iso(until)} if until else {})}
