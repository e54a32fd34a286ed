"""CloudEvents 1.0 at `/v1/events`: structured, batched, or in headers (the HTTP binding's three forms)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from fastapi import Request

from engine.api.body import as_json
from engine.api.events import MOST
from engine.api.problem import Refused
from engine.api.sources import of_form
from engine.define.mapping import meant
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.plan import Plan

_STRUCTURED = ("application/cloudevents+json", "application/cloudevents-batch+json")


def cloud_events(request: Request, body: bytes) -> list[Any] | None:
    """What a request to /v1/events holds as CloudEvents; None when it holds none. Raises Refused 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _STRUCTURED:
        sent = as_json(body)
        return sent if isinstance(sent, list) else [sent]
    if "ce-specversion" in request.headers:
        attributes = {name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")}
        return [attributes | ({"data": as_json(body)} if body.strip() else {})]
    return None


def read_cloud_events(plan: Plan, sent: Sequence[Any], received: int) -> tuple[list[Event], list[dict[str, Any]]]:
    """The events, and for each that is none its place and what is wrong. Raises Refused."""
    if len(sent) > MOST:
        raise Refused(413, "Too many events", f"{len(sent):,} events in one request; {MOST:,} are the most.")
    source = of_form(plan, "cloudevents")
    events: list[Event] = []
    wrong: list[dict[str, Any]] = []
    for index, each in enumerate(sent):
        try:
            events += meant(source, plan.vocabulary, _whole(each), {}, received)
        except BadEvent as fault:
            identity = each.get("id") if isinstance(each, dict) else None
            wrong.append({"index": index, "id": identity, "field": fault.field, "detail": fault.sentence()})
    return events, wrong


def _whole(sent: Any) -> Any:
    """One CloudEvent with its data as an object. Raises BadEvent for another version, and for what would be lost."""
    if not isinstance(sent, dict):
        return sent
    version = sent.get("specversion")
    if version != "1.0":
        raise BadEvent("specversion", f"'{str(version)[:20]}' is not understood: write \"1.0\"")
    if sent.get("data_base64") is not None:
        try:
            data: Any = as_json(b64decode(sent["data_base64"], validate=True))
        except (TypeError, binascii.Error, ValueError, Refused):
            raise BadEvent("data_base64", "JSON in base64 is wanted") from None
        sent = {**sent, "data": data}
    if sent.get("data") is not None and not isinstance(sent["data"], dict):
        raise BadEvent("data", f"an object is wanted, not a {type(sent['data']).__name__}")
    return sent
