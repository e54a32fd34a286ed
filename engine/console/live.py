"""Pages that change while somebody looks: their block `live`, again whenever it says something else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from engine.console.headers import headers

EVERY = 2.0  # seconds between two looks
HEARTBEAT = 15.0  # seconds of silence after which a comment says that the line is alive
MOST = 100  # people who look at once, in one process; others see a page as it was when they opened it


class Streams:
    """All streams of one process; `end` lets it stop without waiting for people to go."""

    def __init__(self) -> None:
        self._count, self._ended = 0, False

    def end(self) -> None:
        self._ended = True

    def stream(self, look: Callable[[], str | None]) -> Response:
        """Server-sent events: what `look` gives whenever it changes, until that is None (nobody may look any more)."""
        if self._count >= MOST or self._ended:
            return Response(status_code=204, headers=dict(headers()))  # the browser does not ask again
        told = {**headers(), "X-Accel-Buffering": "no"}
        return StreamingResponse(self._told(look), media_type="text/event-stream", headers=told)

    async def _told(self, look: Callable[[], str | None]) -> AsyncIterator[bytes]:
        self._count += 1
        try:
            yield b"retry: 3000\n\n"
            last, quiet = "", 0.0
            while not self._ended:
                html = await run_in_threadpool(look)
                if html is None:
                    yield b"event: over\ndata: \n\n"
                    return
                if html != last:
                    last, quiet = html, 0.0
                    lines = "".join(f"data: {line}\n" for line in html.split("\n"))
                    yield f"event: live\n{lines}\n".encode()
                elif quiet >= HEARTBEAT:
                    quiet = 0.0
                    yield b": still here\n\n"
                quiet += EVERY
                await self._wait()
        finally:
            self._count -= 1

    async def _wait(self) -> None:
        """EVERY seconds, or less when all is to end."""
        for _ in range(int(EVERY / 0.2)):
            if self._ended:
                return
            await asyncio.sleep(0.2)
