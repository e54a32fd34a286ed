"""What other programs send in their own words: webhooks by name, Segment's messages, CloudEvents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.api.events import MOST
from engine.api.problem import Refused
from engine.api.signed import signed
from engine.define.doc import did_you_mean
from engine.define.mapping import meant
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.plan import Plan
from engine.model.source import EventSource, Taken
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted
from engine.runtime.refused import keep

Secrets = Callable[[str], Sequence[str]]
# Segment's calls, and how its browser library shortens them.
CALLS = ("track", "identify", "alias", "group", "page", "screen")
MOST_SENT = 5_000  # Segment's own limit is about half of it
SHORT = {name[0]: name for name in CALLS} | {"batch": "batch", "b": "batch"}


def add_sources(app: FastAPI, engine: Engine, keys: Keys, secrets: Secrets) -> None:
    """Put the routes on `app`. `secrets` gives those that a name stands for."""

    @app.post("/v1/sources/{name}")
    async def webhook(request: Request, name: str) -> Response:
        """One thing that a source has sent, or a list of them, as its document says.

        200: it is taken in, or was before, or is set aside because it is no event of ours; sending it again would not
        help.
        """
        body = await read_body(request)
        plan = (await run_in_threadpool(engine.running)).plan
        source = plan.sources.get(name)
        if source is None or source.form != "webhook":
            webhooks = [each.name for each in plan.sources.values() if each.form == "webhook"]
            detail = f"No source '{name[:60]}' is declared for webhooks. {did_you_mean(name, webhooks)}"
            raise Refused(404, "No such source", detail.strip())
        if source.signature is None:
            keys.require(request, "ingest")
        elif request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return JSONResponse({"status": "nothing taken"})  # a shop asks whether anybody is there
        else:
            signed(source.signature, body, request.headers, secrets(source.signature.secret))
        sent = as_json(body)
        many = sent if isinstance(sent, list) else [sent]
        return JSONResponse(await run_in_threadpool(_take, engine, plan, source, many, dict(request.headers)))

    async def segment(request: Request) -> Response:
        """Segment's own collectors, unchanged: the write key is an API key with the scope `ingest`.

        200 for everything that is authorised and can be read: what is no event of ours is set aside.
        """
        sent = as_json(await read_body(request))
        call = SHORT.get(request.url.path.rpartition("/")[2], request.url.path.rpartition("/")[2])
        if not isinstance(sent, dict):
            raise Refused(400, "Not a message", "An object is wanted, as Segment's libraries send it.")
        given = request.headers.get("authorization") or request.headers.get("x-api-key")
        if given:
            keys.require(request, "ingest")
        else:
            keys.check(str(sent.get("writeKey") or ""), "ingest")
        plan = (await run_in_threadpool(engine.running)).plan
        source = of_form(plan, "segment")
        await run_in_threadpool(_take, engine, plan, source, _messages(sent, call), dict(request.headers))
        return JSONResponse({"success": True})

    for name in (*CALLS, *SHORT):
        app.add_api_route(f"/v1/{name}", segment, methods=["POST"], include_in_schema=name in (*CALLS, "batch"))


def of_form(plan: Plan, form: str) -> EventSource:
    """The document that says what a form of events means. Raises Refused 404."""
    found = next((each for each in plan.sources.values() if each.form == form), None)
    if found is None:
        detail = f"No source says what these mean here: copy journeys/{form}.yaml of the starter into the workspace."
        raise Refused(404, "No such source", detail)
    return found


def _messages(sent: dict[str, Any], call: str) -> list[Any]:
    """The messages of one request, each with its type and with what all of them share."""
    if call != "batch":
        return [{"type": call, **sent}]
    many = sent.get("batch")
    if not isinstance(many, list):
        raise Refused(400, "Not a batch", "'batch' is a list of messages.")
    shared = sent.get("context")
    if not isinstance(shared, dict):
        return many
    return [{"context": shared, **each} if isinstance(each, dict) else each for each in many]


def _take(
    engine: Engine, plan: Plan, source: EventSource, sent: Sequence[Any], headers: Mapping[str, str]
) -> dict[str, Any]:
    """Take in what is an event of ours, set the rest aside; how many of each. Raises Refused 413."""
    if len(sent) > MOST_SENT:
        raise Refused(413, "Too many", f"{len(sent):,} in one request; {MOST_SENT:,} are the most.")
    received = engine.store.clock().engine
    asked = {name: headers[name] for name in _headers(source) if name in headers}
    events: list[Event] = []
    refused: list[tuple[Any, str]] = []
    for each in sent:
        try:
            events += meant(source, plan.vocabulary, each, asked, received)
        except BadEvent as fault:
            refused.append((each, fault.sentence()))
    keep(engine.store, source.name, asked, refused, received)
    new = 0
    for start in range(0, len(events), MOST):
        new += sum(isinstance(each, Accepted) for each in engine.accept(events[start : start + MOST]))
    return {"accepted": new, "duplicates": len(events) - new, "aside": len(refused)}


def _headers(source: EventSource) -> set[str]:
    """The headers that a document looks at: all that is kept of them."""
    found = set[str]()

    def look(taken: Taken | None) -> None:
        if taken is not None:
            found.add(taken.header)
            for part in (*taken.join, *taken.fields.values(), taken.member):
                look(part)

    for each in (source.event, source.id, source.at, *source.profile.values()):
        look(each)
    for means in (each for many in source.events.values() for each in many):
        for taken in (means.id, means.at, means.channel, *(means.profile or {}).values(), *means.properties.values()):
            look(taken)
    return found - {""}
