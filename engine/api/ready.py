"""`GET /health` and `GET /ready`: for what balances, restarts and watches."""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from engine import __version__
from engine.runtime.engine import Engine
from engine.runtime.heartbeat import workers
from engine.runtime.store import StoreError

PATIENCE = 3.0  # seconds


def add_ready(app: FastAPI, engine: Engine) -> None:
    """Put both routes on `app`."""

    @app.get("/health")
    async def health() -> dict[str, str]:
        """This process is alive."""
        return {"status": "ok", "version": __version__}

    one = CapacityLimiter(1)  # who asks again while the store hangs takes no further thread

    @app.get("/ready")
    async def ready() -> Response:
        """Events can be taken in: the store answers and a plan is published. Says which workers are alive.

        Without workers the answer is still 200, with the status `no workers`: what is taken in waits for them, and
        refusing it would help nobody. A store that hangs is away, and said to be within PATIENCE.
        """
        try:
            with fail_after(PATIENCE):
                return JSONResponse(await to_thread.run_sync(_state, engine, abandon_on_cancel=True, limiter=one))
        except TimeoutError:
            raise StoreError("no answer in time") from None


def _state(engine: Engine) -> dict[str, Any]:
    plan = engine.running().plan
    alive, _ = workers(engine.store)
    crew = {kind: sum(each.kind in (kind, "both") for each in alive) for kind in ("advance", "deliver")}
    status = "ok" if all(crew.values()) else "no workers"
    return {"status": status, "plan": plan.fingerprint, "journeys": len(plan.journeys), "workers": crew}
