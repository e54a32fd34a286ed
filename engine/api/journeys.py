"""`/v1/journeys`: how journeys stand, and what an operator does to them: pause, resume, kill."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.problem import Refused
from engine.define.doc import did_you_mean
from engine.model.errors import Conflict
from engine.model.flags import EVERYTHING, How
from engine.policy.standing import RUNS, WAYS
from engine.policy.wallclock import iso
from engine.runtime import stops
from engine.runtime.counts import counts, inside
from engine.runtime.engine import Engine


def add_journeys(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the routes on `app`. `journey` is a name, or '*' for everything."""

    @app.get("/v1/journeys")
    async def journeys(request: Request) -> Response:
        """Every journey that runs or that people are inside: how it stands, and how many are inside each version."""
        keys.require(request, "read")
        return JSONResponse({"journeys": await run_in_threadpool(_listed, engine)})

    @app.post("/v1/journeys/{journey}/pause")
    async def pause(request: Request, journey: str, why: str = "") -> Response:
        """Nothing of it leaves, and nobody takes a step. `why` is for the audit, here and below."""
        who = keys.require(request, "operate").who
        return JSONResponse(await run_in_threadpool(_operate, engine, "pause", journey, None, who, why))

    @app.post("/v1/journeys/{journey}/resume")
    async def resume(request: Request, journey: str, how: str | None = None, why: str = "") -> Response:
        """Go on after a pause: `how` is continue, shift or expire. After a kill: without `how`."""
        who = keys.require(request, "operate").who
        if how not in (None, *WAYS):
            raise Refused(422, "Not valid", f"how: '{how}' is none of {', '.join(WAYS)}.", field="how")
        return JSONResponse(await run_in_threadpool(_operate, engine, "resume", journey, how, who, why))

    @app.post("/v1/journeys/{journey}/kill")
    async def kill(request: Request, journey: str, why: str = "") -> Response:
        """Nothing of it leaves any more, whoever is inside ends, and nobody starts."""
        who = keys.require(request, "operate").who
        return JSONResponse(await run_in_threadpool(_operate, engine, "kill", journey, None, who, why))


def _listed(engine: Engine) -> list[dict[str, Any]]:
    plan, people, standing = engine.running().plan, inside(counts(engine.store)), stops.standings(engine.store)
    names = sorted({*plan.journeys, *(name for name, _ in people)})
    return [
        {
            "journey": name,
            "version": plan.journeys[name].version if name in plan.journeys else None,
            "stopped": standing.get(name, RUNS).word or standing.get(EVERYTHING, RUNS).word or None,
            "inside": {version: count for (other, version), count in sorted(people.items()) if other == name},
        }
        for name in names
    ]


def _operate(engine: Engine, what: str, journey: str, how: How | None, who: str, why: str) -> dict[str, Any]:
    known = stops.known_names(engine.store)
    if journey != EVERYTHING and journey not in known:
        detail = f"No journey '{journey}' is deployed. {did_you_mean(journey, known)}".strip()
        raise Refused(404, "No such journey", detail)
    try:
        if what == "resume":
            standing = stops.resume(engine.store, journey, how, who, why)
        else:
            standing = (stops.pause if what == "pause" else stops.kill)(engine.store, journey, who, why)
    except Conflict as fault:
        raise Refused(409, "Not possible now", fault.sentence()) from None
    return {"journey": journey, "stopped": standing.word or None, "since": iso(standing.since)}
