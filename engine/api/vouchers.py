"""`/v1/vouchers`: the pools of voucher codes, and new codes for one of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import read_json
from engine.api.problem import Refused
from engine.define.doc import did_you_mean
from engine.model.codes import checked
from engine.runtime.engine import Engine

MOST = 100_000


def add_vouchers(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the routes on `app`. A pool is declared in the catalogue; its codes need not be."""

    @app.get("/v1/vouchers")
    async def pools(request: Request) -> Response:
        """Every pool: how many codes are free, with messages that have not ended, and were ever loaded."""
        keys.require(request, "read")
        return JSONResponse({"pools": await run_in_threadpool(_pools, engine)})

    @app.put("/v1/vouchers/{pool}")
    async def load(request: Request, pool: str) -> Response:
        """Put codes into a pool: a list of texts. A code that was ever there stays as it is, free or given."""
        keys.require(request, "operate")
        body = await read_json(request)
        if not isinstance(body, list) or len(body) > MOST:
            raise Refused(422, "Not codes", f"Send a list of up to {MOST:,} texts.")
        try:
            codes = [checked(each, f"code {number}") for number, each in enumerate(body, 1)]
        except ValueError as fault:
            raise Refused(422, "Not codes", f"{fault}.") from None
        return JSONResponse(await run_in_threadpool(_load, engine, pool, codes))


def _pools(engine: Engine) -> list[dict[str, Any]]:
    return [asdict(each) for each in engine.store.vouchers.pools(engine.running().plan)]


def _load(engine: Engine, pool: str, codes: list[str]) -> dict[str, Any]:
    declared = {each.name for each in engine.store.vouchers.pools(engine.running().plan)}
    if pool not in declared:
        raise Refused(404, "No such pool", f"The catalogue has no vouchers '{pool}'. {did_you_mean(pool, declared)}")
    new = engine.store.vouchers.add(pool, codes)
    (found,) = (each for each in engine.store.vouchers.pools(engine.running().plan) if each.name == pool)
    return {"new": new, **asdict(found)}
