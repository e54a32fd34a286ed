"""`POST /v1/receipts/{provider}`: what providers report of messages, and what customers write back.

No API key: the provider's own signature says who it is.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import read_bytes
from engine.api.problem import Refused
from engine.channels.receipts import READERS
from engine.channels.receipts.post import Forged, Post, Reading, Unreadable
from engine.runtime import receipts
from engine.runtime.clock import wall
from engine.runtime.engine import Engine
from engine.runtime.reporting import secrets_of
from engine.settings import Settings

TWIML = "application/xml"


def add_receipts(app: FastAPI, engine: Engine, keys: Keys, settings: Settings) -> None:
    """Put the routes on `app`."""

    @app.post("/v1/receipts/{provider}", openapi_extra={"security": []})
    async def take(request: Request, provider: str) -> Response:
        """Take in what a provider reports, once. Signed as this provider signs; see docs/receipts.md."""
        secrets = secrets_of(settings, provider)
        if not secrets:
            raise Refused(
                404, "No such provider", f"No provider '{provider[:40]}' reports here: its secret is not set."
            )
        body = await read_bytes(request)
        query = f"?{request.url.query}" if request.url.query else ""
        base = (settings.public_url or str(request.base_url)).rstrip("/")
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(f"{base}{request.url.path}{query}", headers, body)
        try:
            reading = await run_in_threadpool(READERS[provider], post, secrets, wall())
        except Forged as fault:
            raise Refused(403, "Not signed", f"{str(fault)[:1].upper()}{str(fault)[1:]}.") from None
        except Unreadable as fault:
            raise Refused(422, "Not readable", f"{str(fault)[:1].upper()}{str(fault)[1:]}.") from None
        said, counts = await run_in_threadpool(_take, engine, reading)
        if provider == "twilio":
            message = f"<Message>{escape(said)}</Message>" if said else ""
            return Response(f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>', media_type=TWIML)
        return JSONResponse(counts)

    @app.get("/v1/receipts")
    async def aside(request: Request, limit: int = Query(50, ge=1, le=1000)) -> Response:
        """The receipts that were set aside, and why; the newest first."""
        keys.require(request)
        return JSONResponse(await run_in_threadpool(receipts.aside, engine.store, limit))


def _take(engine: Engine, reading: Reading) -> tuple[str, dict[str, Any]]:
    """What to write back, and how many were taken in."""
    took = engine.receipts(reading.receipts)
    said = engine.words(reading.words)
    receipts.set_aside(engine.store, reading.odd, engine.store.clock().engine)
    count = [each.status for each in took]
    return said, {
        "accepted": count.count("accepted") + len(reading.words),
        "duplicates": count.count("duplicate"),
        "aside": count.count("aside") + len(reading.odd),
        "no_news": reading.no_news,
    }
