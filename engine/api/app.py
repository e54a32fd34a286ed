"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine import __version__
from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.api.catalog import add_catalog
from engine.api.choices import add_choices
from engine.api.clicks import add_clicks
from engine.api.cloud_events import cloud_events, read_cloud_events
from engine.api.decisions import add_decisions
from engine.api.delivery import add_delivery
from engine.api.events import answer, take
from engine.api.excuse import Customers
from engine.api.explain import add_explain
from engine.api.front import Front
from engine.api.journeys import add_journeys
from engine.api.metrics import add_metrics
from engine.api.outcomes import add_outcomes
from engine.api.problem import Refused, on_refused, problem
from engine.api.profiles import add_profiles
from engine.api.prompts import add_prompts
from engine.api.ready import add_ready
from engine.api.receipts import add_receipts
from engine.api.reference import add_reference
from engine.api.sources import add_sources
from engine.api.vouchers import add_vouchers
from engine.channels.signed_link import LinkSigner
from engine.model.errors import ParcoursError
from engine.model.event import Event
from engine.runtime.asking.asker import Asker
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted
from engine.runtime.prompt_feed import PromptFeed
from engine.runtime.store import StoreError
from engine.settings import Settings, load

EVENT_EXAMPLE = {
    "id": "7f9c2",
    "event": "order_placed",
    "profile": {"customer_id": "ana"},
    "at": "2026-03-02T14:00:00Z",
    "channel": "web",
    "properties": {"order_id": "o1", "total": 55},
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"example": EVENT_EXAMPLE, "schema": {}}}}}


def create_app(
    engine: Engine, keys: Keys, signing: LinkSigner | None = None, settings: Settings | None = None
) -> FastAPI:
    """The application over one engine, which it closes at its end; with `signing` also what messages link to.
    `settings` say which providers may report and how sources sign (None: those of the environment)."""

    feed, asker = PromptFeed(engine), Asker(engine)
    settings = settings or load()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(asker.warm)
        await asker.open()
        yield
        feed.close()
        await asker.leave()
        asker.close()
        engine.close()

    app = Front(title="Parcours", version=__version__, lifespan=life, docs_url=None, redoc_url=None)
    add_reference(app)
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(StoreError, _store_away)
    app.add_exception_handler(ParcoursError, _not_ready)
    app.add_exception_handler(Exception, _fault)
    app.add_exception_handler(404, _nothing_here)
    app.add_exception_handler(405, _wrong_method)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)

    @app.post("/v1/events", status_code=202, openapi_extra=_BODY)
    async def events(request: Request) -> Response:
        """Take one event, or a list of up to 1,000. Repeats of an event id change nothing.

        CloudEvents are taken, too: structured, batched or in headers.
        """
        keys.require(request, "ingest")
        body = await read_body(request)
        cloud = cloud_events(request, body)
        if cloud is not None:
            return await run_in_threadpool(_take_cloud, engine, cloud)
        return await run_in_threadpool(_take, engine, as_json(body))

    add_ready(app, engine)
    add_explain(app, engine, keys)
    add_profiles(app, engine, keys)
    add_journeys(app, engine, keys)
    add_delivery(app, engine, keys)
    add_prompts(app, engine, keys, feed)
    add_catalog(app, engine, keys)
    add_vouchers(app, engine, keys)
    if signing is not None:
        customers = Customers(engine)
        add_clicks(app, engine, signing, customers)
        add_choices(app, engine, signing, customers)
    add_metrics(app, engine)
    app.state.feed, app.state.end_streams = feed, feed.end
    app.state.asker = asker
    add_decisions(app, asker, keys, settings.decide_ms / 1000)
    add_outcomes(app, asker, keys)
    add_sources(app, engine, keys, settings.secrets_of)
    add_receipts(app, engine, keys, settings)
    return app


def _take(engine: Engine, body: Any) -> Response:
    def accept(events: Sequence[Event]) -> list[bool]:
        return [isinstance(answer, Accepted) for answer in engine.accept(events)]

    return take(body, engine.running().plan.vocabulary, accept)


def _take_cloud(engine: Engine, sent: list[Any]) -> Response:
    plan = engine.running().plan
    events, wrong = read_cloud_events(plan, sent, engine.store.clock().engine)
    return answer(events, wrong, lambda: [isinstance(each, Accepted) for each in engine.accept(events)])


async def _store_away(request: Request, fault: Exception) -> Response:
    """Nothing was taken in that is not in the store: the caller may send it again, under the same ids."""
    detail = "The store does not answer. Nothing is lost: send the same events again in a moment."
    return problem(503, "Store away", detail, {"Retry-After": "2"})


async def _not_ready(request: Request, fault: Exception) -> Response:
    return problem(503, "Not ready", str(fault), {"Retry-After": "5"})


async def _fault(request: Request, fault: Exception) -> Response:
    detail = "This is a fault of the engine and is in its log. What was sent may be sent again, under the same ids."
    return problem(500, "Fault", detail)


async def _nothing_here(request: Request, fault: Exception) -> Response:
    detail = f"There is nothing at {request.url.path[:200]}. Events go to POST /v1/events; /docs lists everything."
    return problem(404, "Not found", detail)


async def _refused(request: Request, fault: Exception) -> Response:
    """What the framework itself refuses, in the form of all other errors."""
    assert isinstance(fault, HTTPException)
    title = HTTPStatus(fault.status_code).phrase
    return problem(fault.status_code, title, f"{fault.detail}.".replace("..", "."), dict(fault.headers or {}))


async def _not_valid(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    first = fault.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, "Not valid", f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}.", field=where)


async def _wrong_method(request: Request, fault: Exception) -> Response:
    return problem(405, "Wrong method", f"{request.method} means nothing at {request.url.path[:200]}. See /docs.")
