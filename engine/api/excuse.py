"""What a customer's browser is shown when a page cannot be: a page, in the brand's words, never JSON.

The words are those of the plan that was last seen, since the store may be away. A process that has not seen one yet, or
whose templates fail, has one plain sentence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from engine.api.page import language, page
from engine.api.problem import Refused
from engine.model.errors import ParcoursError, SetupError
from engine.model.plan import Plan
from engine.render.renderer import Renderer
from engine.runtime.engine import Engine
from engine.runtime.store import StoreError

_log = logging.getLogger("parcours.pages")
_BROKEN = {400, 404, 410, 413}  # the statuses of a link or form that will not work later, either
_CLOSED = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
_PLAIN = "<!doctype html><title>Later</title><p>This page cannot be shown at the moment. Please try again in a minute."


class Customers:
    """Answers the browsers of customers: the pages of the current plan, or an excuse."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last: Renderer | None = None

    def running(self) -> tuple[Plan, Renderer]:
        """The current plan and its pages. Raises SetupError, StoreError."""
        running = self._engine.running()
        if running.renderer is None:
            raise SetupError("This process has no templates for pages.")
        self._last = running.renderer
        return running.plan, running.renderer

    async def answer(self, request: Request, work: Callable[..., Response], *given: Any) -> Response:
        """What `work` answers, in a thread; or the page that says why there is no answer. One that says "later" has a
        status that makes programs come again, too."""
        return await run_in_threadpool(self._answer, request, work, *given)

    def _answer(self, request: Request, work: Callable[..., Response], *given: Any) -> Response:
        try:
            return work(*given)
        except Refused as fault:
            return self._excuse(request, fault.status)
        except (StoreError, ParcoursError):
            return self._excuse(request, 503)
        except Exception:
            _log.exception("a page for a customer failed")
            return self._excuse(request, 500)

    def _excuse(self, request: Request, status: int) -> Response:
        name, said = ("broken", {"old": status == 410}) if status in _BROKEN else ("later", {"often": status == 429})
        headers = {"Retry-After": "60" if status == 429 else "5"} if status in (429, 503) else {}
        try:
            if self._last is None:
                self.running()
            assert self._last is not None
            found: Response = page(self._last, name, language(self._last, request), said, status)
        except (StoreError, ParcoursError):
            found = HTMLResponse(_PLAIN, status, _CLOSED)
        found.headers.update(headers)
        return found
