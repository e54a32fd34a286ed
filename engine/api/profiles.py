"""`/v1/profiles/{profile}`: look at a customer, hand out what is held, erase."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.problem import Refused
from engine.model.errors import UnknownProfile
from engine.runtime.engine import Engine
from engine.runtime.held import everything, summary
from engine.runtime.people import erase


def add_profiles(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the routes on `app`. `profile` is any identifier, its bare value, or a customer's id."""

    @app.get("/v1/profiles/{profile}")
    async def show(request: Request, profile: str) -> Response:
        """Who a customer is, what they agreed to, where they stand and what is planned."""
        keys.require(request, "read")
        return JSONResponse(await run_in_threadpool(_known, summary, engine, profile))

    @app.get("/v1/profiles/{profile}/export")
    async def export(request: Request, profile: str) -> Response:
        """Everything that is held of a customer."""
        keys.require(request, "read")
        return JSONResponse(await run_in_threadpool(_known, everything, engine, profile))

    @app.delete("/v1/profiles/{profile}")
    async def delete(request: Request, profile: str) -> Response:
        """Delete everything that is held of a customer. 200: it is gone; 202: it follows by itself."""
        who = keys.require(request, "admin").who
        found = await run_in_threadpool(_known, partial(_erased, by=who), engine, profile)
        return JSONResponse(found, 200 if found["status"] == "erased" else 202)


def _erased(engine: Engine, profile: str, by: str) -> dict[str, Any]:
    return {"status": "erased" if erase(engine, profile, by) else "accepted"}


def _known(ask: Callable[[Engine, str], dict[str, Any]], engine: Engine, profile: str) -> dict[str, Any]:
    try:
        return ask(engine, profile)
    except UnknownProfile as fault:
        raise Refused(404, "Nobody", fault.sentence()) from None
