"""`GET /metrics` for Prometheus, and the measuring of requests."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.runtime.engine import Engine
from engine.runtime.gauges import StoreGauges
from engine.runtime.meters import meters


class Measured:
    """ASGI middleware: how long each route takes. What matches no route is counted as one."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500
        took: float | None = None

        async def noted(message: Any) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status = message["status"]
                if any(value.startswith(b"text/event-stream") for _, value in message["headers"]):
                    took = time.perf_counter() - begun  # how long a till stays says nothing
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "")
            route = f"{scope.get('root_path', '')}{route}" if route else ""
            meters().answered(scope["method"], route, status, took or time.perf_counter() - begun)


def add_metrics(app: FastAPI, engine: Engine) -> None:
    """Put the route on `app`, without a key: it tells no more than how much there is to do."""
    app.add_middleware(Measured)
    seen: dict[str, StoreGauges] = {}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        from engine.runtime.prometheus import TEXT, measures

        gauges = seen.setdefault("gauges", StoreGauges(engine.store))
        return Response(await run_in_threadpool(measures, gauges), media_type=TEXT)
