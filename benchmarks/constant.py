"""The same endpoint that answers a constant: what HTTP costs by itself on this machine, with this server."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response

from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.runtime.forked import run_forked
from engine.runtime.ports import listen_on


def application(answer: bytes, key: str) -> FastAPI:
    """It reads and checks what every request brings, and decides nothing."""
    app, keys = FastAPI(), Keys([key])

    @app.post("/v1/decisions")
    async def decisions(request: Request) -> Response:
        keys.require(request, "decide")
        as_json(await read_body(request))
        return Response(answer, media_type="application/json")

    return app


def main() -> None:
    """`python -m benchmarks.constant PORT WORKERS KEY`; the answer comes by standard input."""
    port, workers, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    answer = sys.stdin.buffer.read()
    config = {"log_config": None, "access_log": False, "server_header": False}

    def work() -> None:
        server = uvicorn.Server(uvicorn.Config(application(answer, key), **config))  # type: ignore[arg-type]
        server.run([listen_on("127.0.0.1", port, shared=True)])

    run_forked(workers, work)


if __name__ == "__main__":
    main()
