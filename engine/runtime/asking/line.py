"""A connection to the store that stays on an event loop: many conversations on it at once, none of them in a thread.

What several requests ask in one turn of the loop leaves in one piece, and their answers come in order. Handing each to
a thread, and to the client's own pool there, took as much of the processor as the conversation itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

import hiredis
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger("parcours.decisions")

Words = tuple[Any, ...]  # one command

PATIENCE = 1.0  # seconds without a sign of life after which a connection is given up for another
AGAIN = (0.02, 0.1, 0.25, 0.5)  # seconds before it is tried again; the last for all that follow


class _Asked:
    """Commands whose answers somebody waits for."""

    __slots__ = ("answers", "left", "told")

    def __init__(self, told: asyncio.Future[list[Any]], left: int) -> None:
        self.told, self.left = told, left
        self.answers: list[Any] = []


class _Talk(asyncio.Protocol):
    """One connection, as long as it holds."""

    def __init__(self, line: Line, connection: Any) -> None:
        self._line, self.connection = line, connection
        self._transport: Any = None
        self._reader = hiredis.Reader(replyError=redis.ResponseError)
        self._asked: deque[_Asked] = deque()
        self._heap: list[bytes] = []
        self.heard = 0.0

    def take(self, transport: Any, now: float) -> None:
        """What comes on this transport is ours from now on."""
        self._transport, self.heard = transport, now
        transport.set_protocol(self)

    def ask(self, packed: bytes, asked: _Asked, loop: asyncio.AbstractEventLoop) -> None:
        if not self._asked:
            self.heard = loop.time()
        self._asked.append(asked)
        if not self._heap:
            loop.call_soon(self._send)
        self._heap.append(packed)

    def _send(self) -> None:
        heap, self._heap = self._heap, []
        self._transport.write(heap[0] if len(heap) == 1 else b"".join(heap))

    def data_received(self, data: bytes) -> None:
        self.heard = asyncio.get_running_loop().time()
        reader, asked = self._reader, self._asked
        reader.feed(data)
        while (answer := reader.gets()) is not False:
            if isinstance(answer, hiredis.PushNotification) or not asked:
                continue
            first = asked[0]
            first.answers.append(answer)
            first.left -= 1
            if not first.left:
                asked.popleft()
                if not first.told.done():
                    first.told.set_result(first.answers)

    def connection_lost(self, exc: Exception | None) -> None:
        for each in self._asked:
            if not each.told.done():
                each.told.set_exception(redis.ConnectionError("the connection broke"))
        self._asked.clear()
        self.connection._reader = self.connection._writer = None  # it would warn of what it does not know to be closed
        self._line.lost(self)

    def close(self) -> None:
        """At once: what was asked is not answered any more."""
        if self._transport is not None:
            self._transport.abort()


class Line:
    """What a loop asks a store by. `open` and `close` belong to that loop, and so does whoever asks.

    While there is no connection it is tried again and again, and whoever asks waits for it, within the time that they
    have: for a moment, then StoreError says at once that the store is away.
    """

    def __init__(self, url: str) -> None:
        self._pool = redis.asyncio.ConnectionPool.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._talk: _Talk | None = None
        self._opening: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[None] | None = None
        self._gone = 0.0  # since when there is none
        self._closed = False

    async def open(self) -> None:
        """Connect. Raises nothing: where nobody answers it is tried again behind."""
        self._loop = asyncio.get_running_loop()
        self._gone = self._loop.time()
        self._opened = self._loop.create_future()
        try:
            await self._connect()
        except (redis.RedisError, OSError) as fault:
            log.info("the store is not there yet: %s", fault)
            self._opening = self._loop.create_task(self._reconnect())

    def close(self) -> None:
        """Let go of the connection."""
        self._closed = True
        if self._opening is not None:
            self._opening.cancel()
        if self._talk is not None:
            self._talk.close()

    async def ask(self, commands: Sequence[Words], until: float) -> list[Any]:
        """The answer to each command; a ResponseError stands in place of the answer that it is.

        Raises TimeoutError when it is not there by `until` (loop's time, s), redis.ConnectionError where the connection
        broke, or has been away for more than a moment. Nothing is said twice.
        """
        if not commands:
            return []
        if self._talk is None:
            await self._there(until)
        talk = self._talk
        if talk is None:
            raise redis.ConnectionError("the store is away")
        asked = _Asked(self._loop.create_future(), len(commands))
        talk.ask(b"".join([hiredis.pack_command(words) for words in commands]), asked, self._loop)
        late = self._loop.call_at(until, self._late, asked.told, talk)
        try:
            return await asked.told
        finally:
            late.cancel()

    def lost(self, talk: _Talk) -> None:
        """A connection is gone."""
        if self._talk is not talk:
            return
        self._talk = None
        if not self._closed and not self._loop.is_closed():
            self._gone = self._loop.time()
            self._opened = self._loop.create_future()
            self._opening = self._loop.create_task(self._reconnect())

    async def _there(self, until: float) -> None:
        now = self._loop.time()
        if self._closed or self._opened is None or now - self._gone > PATIENCE:
            raise redis.ConnectionError("the store is away")
        await asyncio.wait_for(asyncio.shield(self._opened), until - now)

    def _late(self, told: asyncio.Future[list[Any]], talk: _Talk) -> None:
        if not told.done():
            told.set_exception(TimeoutError())
        if self._loop.time() - talk.heard > PATIENCE:
            talk.close()

    async def _connect(self) -> None:
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()  # with its way of naming who we are, of hiding what is said, and of all that
        talk = _Talk(self, connection)
        talk.take(connection._writer.transport, self._loop.time())
        self._talk = talk
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(None)

    async def _reconnect(self) -> None:
        for tried in range(1_000_000_000):
            await asyncio.sleep(AGAIN[min(tried, len(AGAIN) - 1)])
            try:
                await self._connect()
                return
            except (redis.RedisError, OSError) as fault:
                log.log(logging.WARNING if tried == len(AGAIN) else logging.DEBUG, "the store is away: %s", fault)
            if self._opened is not None and not self._opened.done() and self._loop.time() - self._gone > PATIENCE:
                self._opened.set_exception(redis.ConnectionError("the store is away"))
                self._opened.exception()  # there may be nobody who waits for it
