"""Pages that change while somebody looks: their block `live`, again whenever it says something else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

from starlette.responses import Response, StreamingResponse

from engine.console.fresh import Fresh
from engine.console.headers import headers
from engine.console.page import Ask, Page
from engine.runtime.store import Store

EVERY = 2.0  # seconds between two looks
LONGEST = 10.0  # seconds after which a part is made anew though nothing seems to have changed
HEARTBEAT = 15.0  # seconds of silence after which a comment says that the line is alive
MOST = 100  # pages that are looked at at once, in one process; others stay as they were when they were opened
MOST_EACH = 12  # of these for one session: nobody takes the places of all others

Look = Callable[[], Awaitable[str | None]]


class Lives:
    """What live parts say now: made once for all who see the same, and not again before it may have changed."""

    def __init__(self) -> None:
        self._soon: Fresh[Store, Hashable, str | None] = Fresh(EVERY * 0.75)
        self._later: Fresh[Store, Hashable, str | None] = Fresh(LONGEST)

    def of(self, page: Page, ask: Ask, query: str, make: Callable[[], str | None]) -> str | None:
        """The part of a page for `ask`, which came with a `query`. What `make` raises is raised."""
        whose = {"all": "", "who": ask.session.who, "session": ask.secret}[page.shared]
        same = (ask.url, query, ask.locale, ask.scopes, whose)
        if page.mark is None:
            return self._soon.ask(ask.store, same, make)
        return self._later.ask(ask.store, (same, page.mark(ask)), make)


class Streams:
    """All streams of one process; `end` lets it stop without waiting for people to go."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._ended = False

    def end(self) -> None:
        self._ended = True

    def stream(self, who: str, look: Look) -> Response:
        """Server-sent events for `who`: what `look` gives whenever it changes ('': nothing new), until that is None
        (nobody may look any more)."""
        if self._open.total() >= MOST or self._open[who] >= MOST_EACH or self._ended:
            return Response(status_code=204, headers=dict(headers()))  # the browser does not ask again
        told = {**headers(), "X-Accel-Buffering": "no"}
        return StreamingResponse(self._told(who, look), media_type="text/event-stream", headers=told)

    async def _told(self, who: str, look: Look) -> AsyncIterator[bytes]:
        self._open[who] += 1
        try:
            if self._open.total() > MOST:  # many came in the same moment
                yield b"retry: 60000\n\n"
                return
            yield b"retry: 3000\n\n"
            last, quiet = "", 0.0
            while not self._ended:
                html = await look()
                if html is None:
                    yield b"event: over\ndata: \n\n"
                    return
                if html and html != last:
                    last, quiet = html, 0.0
                    yield event("live", html)
                elif quiet >= HEARTBEAT:
                    quiet = 0.0
                    yield b": still here\n\n"
                quiet += EVERY
                await self._wait()
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    async def _wait(self) -> None:
        """EVERY seconds, or less when all is to end."""
        for _ in range(int(EVERY / 0.2)):
            if self._ended:
                return
            await asyncio.sleep(0.2)


def event(name: str, data: str) -> bytes:
    """One server-sent event. A browser ends a line at each of CR LF, LF and CR: what a customer wrote may hold any of
    them, and must not begin a line, and so an event, of its own."""
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "".join([f"event: {name}\n", *(f"data: {line}\n" for line in lines), "\n"]).encode()
