"""`GET /v1/profiles/{profile}/explain`: the story of one customer."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.problem import Refused
from engine.model.errors import UnknownProfile
from engine.runtime.engine import Engine
from engine.runtime.explain import explain
from engine.runtime.since import since_instant
from engine.runtime.story_data import as_data


def add_explain(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the route on `app`."""

    @app.get("/v1/profiles/{profile}/explain")
    async def told(request: Request, profile: str, since: str = "", journey: str = "", why_not: str = "") -> Response:
        """What happened to a customer and why, what is planned, and what could still stop it.

        `profile` is any identifier (`email:ana@example.org`, `customer_id:ana`, the bare value) or a customer's id.
        `since` is a date, an instant or a span (`7d`); `journey` leaves out the others; `why_not` asks what keeps a
        journey from starting.
        """
        keys.require(request, "read")
        return await run_in_threadpool(_tell, engine, profile, since, journey, why_not)


def _tell(engine: Engine, profile: str, since: str, journey: str, why_not: str) -> Response:
    known = engine.running().plan.journeys
    for name in (journey, why_not):
        if name and name not in known:
            raise Refused(422, "No such journey", f"There is no journey '{name[:200]}'.")
    try:
        floor = since_instant(since, engine.store.clock().engine) if since else None
    except ValueError as fault:
        raise Refused(422, "No time", f"{fault}.") from None
    try:
        story = explain(engine, profile, since=floor, journey=journey, ask=why_not)
    except UnknownProfile as fault:
        raise Refused(404, "Nobody", fault.sentence()) from None
    return JSONResponse(as_data(story))
