"""`POST /v1/events`: one event, or a list of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import JSONResponse

from engine.api.problem import Refused, problem
from engine.define.events import read_event
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.vocabulary import Vocabulary

MOST = 1_000
# A placeholder for the arrival, which ingestion sets by the store's own clock.
UNKNOWN_ARRIVAL = 0

Accept = Callable[[Sequence[Event]], Sequence[bool]]


def take(body: Any, vocabulary: Vocabulary, accept: Accept) -> JSONResponse:
    """Answer a decoded body. `accept` takes valid events in and says of each whether it was new.

    One event: 202, or 422 with what is wrong. A list: 202 with a line for each that was refused (the others
    are in), 422 when all were refused. Raises Refused for a body that is neither.
    """
    if isinstance(body, list):
        return _batch(body, vocabulary, accept)
    try:
        event = _read(vocabulary, body)
    except BadEvent as fault:
        return problem(422, "Not an event", fault.sentence(), field=fault.field)
    (new,) = accept([event])
    return JSONResponse({"id": event.id, "status": "accepted" if new else "duplicate"}, 202)


def _batch(body: list[Any], vocabulary: Vocabulary, accept: Accept) -> JSONResponse:
    if not body:
        raise Refused(422, "No events", "The list is empty: send at least one event.")
    if len(body) > MOST:
        raise Refused(413, "Too many events", f"{len(body):,} events in one request; {MOST:,} are the most.")
    events: list[Event] = []
    rejected: list[dict[str, Any]] = []
    for index, raw in enumerate(body):
        try:
            events.append(_read(vocabulary, raw))
        except BadEvent as fault:
            identity = raw.get("id") if isinstance(raw, dict) else None
            rejected.append({"index": index, "id": identity, "field": fault.field, "detail": fault.sentence()})
    return answer(events, rejected, lambda: accept(events))


def answer(events: list[Event], rejected: list[dict[str, Any]], accept: Callable[[], Sequence[bool]]) -> JSONResponse:
    """Take `events` in, and say how many were new and what is wrong with those that were `rejected`."""
    if rejected and not events:
        detail = f"None of {len(rejected)} events could be taken. The first: {rejected[0]['detail']}"
        return problem(422, "Not events", detail, rejected=rejected)
    news = accept() if events else []
    accepted = sum(news)
    counts = {"accepted": accepted, "duplicates": len(news) - accepted, "rejected": rejected}
    return JSONResponse(counts, 202)


def _read(vocabulary: Vocabulary, raw: Any) -> Event:
    """An event of a request: its arrival is ours to say, so `received` is refused."""
    if isinstance(raw, dict) and "received" in raw:
        raise BadEvent("received", "is set when the event arrives: leave it out")
    if isinstance(raw, dict) and raw.get("at") is None:
        raise BadEvent("at", "is missing: when did it happen? Write 2026-03-02T14:00:00Z")
    return read_event(vocabulary, raw, UNKNOWN_ARRIVAL)
