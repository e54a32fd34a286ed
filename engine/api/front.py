"""The application's front: what is asked hundreds of times a second goes by the framework's side entrance."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request

from engine.runtime.meters import meters

Told = Callable[[Request], Awaitable[bytes]]
_HEAD = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class Front(FastAPI):
    """A FastAPI application that answers some paths without its routing, its dependencies and its layers, which take
    longer than everything else that HTTP costs. Errors are told by the same handlers."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._at_once: dict[str, Told] = {}

    def at_once(self, path: str, told: Told) -> None:
        """Answer POST of `path` by what `told` makes of the request: a body of JSON, or what it raises."""
        self._at_once[path] = told

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        told = self._at_once.get(scope["path"]) if scope["type"] == "http" else None
        if told is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return
        begun, status = time.perf_counter(), 200
        request = Request(scope, receive)
        try:
            body = await told(request)
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEAD, length]})
            await send({"type": "http.response.body", "body": body})
        except Exception as fault:
            response = await self._handler(fault)(request, fault)
            status = response.status_code
            await response(scope, receive, send)
            if status == 500:
                raise  # the server logs it
        finally:
            meters().answered("POST", scope["path"], status, time.perf_counter() - begun)

    def _handler(self, fault: Exception) -> Any:
        """Who tells of such a fault: there is one for every exception."""
        return next(handler for kind in type(fault).__mro__ if (handler := self.exception_handlers.get(kind)))
