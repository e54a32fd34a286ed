"""`/v1/catalog`: products, offers, stores kept current between releases; and what messages read of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import read_json
from engine.api.problem import Refused
from engine.define.doc import did_you_mean
from engine.model.catalog import Kind
from engine.render.outside import POOLS
from engine.runtime.engine import Engine
from engine.runtime.plans import Running
from engine.runtime.stock import MOST, TooMany
from engine.runtime.stocking import put_items
from engine.runtime.stocking import wrong as wrong_in

MOST_AT_ONCE = 1_000
MOST_FAULTS = 20


def add_catalog(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the routes on `app`. The kinds of items are those of the workspace's catalogue, but for vouchers."""

    @app.get("/v1/catalog")
    async def kinds(request: Request) -> Response:
        """Every kind: its key and fields, how many items messages read, and how many of them were put here."""
        keys.require(request, "read")
        return JSONResponse({"kinds": await run_in_threadpool(_kinds, engine)})

    @app.get("/v1/catalog/{kind}/{key:path}")
    async def item(request: Request, kind: str, key: str, locale: str = "") -> Response:
        """One item as messages in `locale` read it (left out: in the brand's own), and the fields that were put."""
        keys.require(request, "read")
        return JSONResponse(await run_in_threadpool(_item, engine, kind, key, locale))

    @app.put("/v1/catalog/{kind}")
    async def put(request: Request, kind: str) -> Response:
        """Put fields over items: a list of up to 1,000, each with its key. All, or none when one does not fit."""
        keys.require(request, "author")
        return JSONResponse(await run_in_threadpool(_put, engine, kind, await read_json(request)))

    @app.delete("/v1/catalog/{kind}/{key:path}")
    async def delete(request: Request, kind: str, key: str) -> Response:
        """Take away what was put over an item: it is again as the release has it, or is no more."""
        keys.require(request, "author")
        return JSONResponse(await run_in_threadpool(_delete, engine, kind, key))


def _kinds(engine: Engine) -> list[dict[str, Any]]:
    running = engine.running()
    if running.renderer is None:
        return []
    shelf, put = running.renderer.stock.shelf(running.renderer.locales[0]), running.renderer.stock.put()
    found = []
    for name, items in sorted(shelf.kinds.items()):
        kind = running.plan.kinds.get(name, Kind())
        facts: dict[str, Any] = {"kind": name, "key": kind.key, "fields": dict(kind.fields), "items": len(items)}
        found.append({**facts, "put": put.get(name, 0)})
    return found


def _item(engine: Engine, kind: str, key: str, locale: str) -> dict[str, Any]:
    running = engine.running()
    _kind(running, kind)
    stock = engine.store.stock.get(kind, key)
    shown: Mapping[str, Any] | None = None
    if running.renderer is not None:
        shown = running.renderer.stock.shelf(running.renderer.locale_for(locale)).kinds[kind].get(key)
    if shown is None and stock is None:
        raise Refused(404, "No such item", f"The catalogue's {kind} has no '{key[:60]}'.")
    return {"kind": kind, "key": key, "item": shown, "put": stock}


def _put(engine: Engine, kind: str, body: Any) -> dict[str, Any]:
    running = engine.running()
    shape = _kind(running, kind)
    if not isinstance(body, list) or not 0 < len(body) <= MOST_AT_ONCE:
        raise Refused(422, "Not items", f"Send a list of 1 to {MOST_AT_ONCE:,} items, each with its {shape.key}.")
    wrong = [{"index": index, "detail": said} for index, each in enumerate(body) for said in wrong_in(shape, each)]
    if wrong:
        detail = f"Item {wrong[0]['index']}: {wrong[0]['detail']} Nothing was put."
        raise Refused(422, "Not items", detail, errors=wrong[:MOST_FAULTS])
    try:
        items, version = put_items(engine.store, kind, shape, body)
    except TooMany:
        raise Refused(422, "Too many items", f"The catalogue takes up to {MOST:,} items that are put.") from None
    return {"kind": kind, "items": items, "version": version}


def _delete(engine: Engine, kind: str, key: str) -> dict[str, Any]:
    _kind(engine.running(), kind)
    if engine.store.stock.get(kind, key) is None:
        raise Refused(404, "No such item", f"Nothing was put over '{key[:60]}' of the catalogue's {kind}.")
    return {"kind": kind, "key": key, "version": engine.store.stock.put([(kind, key, None)])}


def _kind(running: Running, name: str) -> Kind:
    if name == POOLS:
        raise Refused(404, "No items", "Voucher codes are loaded by PUT /v1/vouchers/{pool}.")
    if name not in running.plan.catalog:
        hint = did_you_mean(name, running.plan.catalog)
        raise Refused(404, "No such kind", f"The catalogue of the workspace has no '{name[:60]}'. {hint}".strip())
    return running.plan.kinds.get(name, Kind())
