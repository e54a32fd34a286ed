"""Light providers in a process of their own: they take everything and count it."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from multiprocessing.sharedctypes import Synchronized
from typing import Any, Self

MOST = 2_000_000
_spawn = multiprocessing.get_context("spawn")


class Sink:
    """A server on a free port of this machine; `kind` is smtp or http. Use as a context manager.

    `count` is how many it took, `size` how many bytes the last one had, `at(n)` when it took the nth (seconds, as
    time.time()).
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._count: Synchronized[int] = _spawn.Value("Q", 0)
        self._size: Synchronized[int] = _spawn.Value("Q", 0)
        self._stamps: Any = _spawn.Array("d", MOST, lock=False)
        told = (kind, self.port, self._count, self._size, self._stamps)
        self._process = _spawn.Process(target=serve, args=told, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    @property
    def count(self) -> int:
        return int(self._count.value)

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    @property
    def size(self) -> int:
        return int(self._size.value)

    def at(self, number: int) -> float:
        return float(self._stamps[number])


def serve(kind: str, port: int, count: Any, size: Any, stamps: Any) -> None:
    """The server's process."""
    protocol = _Smtp if kind == "smtp" else _Http

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: protocol(count, size, stamps), "127.0.0.1", port, backlog=512
        )
        await server.serve_forever()

    asyncio.run(run())


class _Counting(asyncio.Protocol):
    def __init__(self, count: Any, size: Any, stamps: Any) -> None:
        self._count, self._size, self._stamps = count.get_obj(), size.get_obj(), stamps
        self._left = b""

    def connection_made(self, transport: Any) -> None:
        self._out = transport
        self._greet()

    def _greet(self) -> None:
        return None

    def _took(self, size: int) -> None:
        number = self._count.value
        self._size.value = size
        self._stamps[number] = time.time()
        self._count.value = number + 1


class _Smtp(_Counting):
    _data = False

    def _greet(self) -> None:
        self._out.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._left += data
        while True:
            end = self._left.find(b"\r\n.\r\n" if self._data else b"\r\n")
            if end < 0:
                return
            line, self._left = self._left[:end], self._left[end + (5 if self._data else 2) :]
            if self._data:
                self._data = False
                self._took(len(line))
                self._out.write(b"250 taken\r\n")
            else:
                self._command(line[:4].upper())

    def _command(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self._out.write(b"250-sink\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n")
        elif verb == b"DATA":
            self._data = True
            self._out.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self._out.write(b"221 bye\r\n")
            self._out.close()
        else:
            self._out.write(b"250 well\r\n")


class _Http(_Counting):
    def data_received(self, data: bytes) -> None:
        self._left += data
        while True:
            head, gap, rest = self._left.partition(b"\r\n\r\n")
            if not gap:
                return
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
            )
            if len(rest) < length:
                return
            self._left = rest[length:]
            self._took(length)
            self._out.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
