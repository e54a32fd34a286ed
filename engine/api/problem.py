"""Errors as problem+json (RFC 9457): what was found, what was meant, what to do."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse


class Refused(Exception):
    """A request that is answered with an error. `status` is the HTTP status, `detail` a sentence."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.more = status, title, detail, more


def problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """The response for one problem."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def on_refused(request: Request, fault: Exception) -> JSONResponse:
    """Answer a Refused."""
    assert isinstance(fault, Refused)
    headers = {"WWW-Authenticate": "Bearer"} if fault.status == 401 else None
    return problem(fault.status, fault.title, fault.detail, headers, **fault.more)
