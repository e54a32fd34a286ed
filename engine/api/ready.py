"""`GET /health` and `GET /ready`: for what balances, restarts and watches."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine import __version__
from engine.runtime.engine import Engine
from engine.runtime.heartbeat import workers


def add_ready(app: FastAPI, engine: Engine) -> None:
    """Put both routes on `app`."""

    @app.get("/health")
    async def health() -> dict[str, str]:
        """This process is alive."""
        return {"status": "ok", "version": __version__}

    @app.get("/ready")
    async def ready() -> Response:
        """Events can be taken in: the store answers and a plan is published. Says which workers are alive.

        Without workers the answer is still 200, with the status `no workers`: what is taken in waits for them, and
        refusing it would help nobody.
        """
        return JSONResponse(await run_in_threadpool(_state, engine))


def _state(engine: Engine) -> dict[str, Any]:
    plan = engine.running().plan
    alive, _ = workers(engine.store)
    crew = {kind: sum(each.kind in (kind, "both") for each in alive) for kind in ("advance", "deliver")}
    status = "ok" if all(crew.values()) else "no workers"
    return {"status": status, "plan": plan.fingerprint, "journeys": len(plan.journeys), "workers": crew}
