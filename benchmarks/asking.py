"""Channel apps that ask: so many connections, each with its next question as soon as the last is answered."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence

CRLF = b"\r\n"


async def ask(port: int, bodies: Sequence[bytes], key: str, connections: int, pause: float) -> list[float]:
    """Milliseconds of each answer. Raises RuntimeError for one that is not 200."""
    waiting, took = list(reversed(bodies)), list[float]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            body = waiting.pop()
            head = (
                f"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            begun = time.perf_counter()
            writer.write(head + body)
            said = await reader.readuntil(CRLF + CRLF)
            length = int(said.lower().split(b"content-length:")[1].split(CRLF)[0])
            answer = await reader.readexactly(length)
            took.append((time.perf_counter() - begun) * 1e3)
            if not said.startswith(b"HTTP/1.1 200") or b'"degraded"' in answer:
                raise RuntimeError(answer[:300].decode())
            if pause:
                await asyncio.sleep(pause)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return took


def main() -> None:
    """Read {port, key, connections, pause, bodies} as JSON, say {seconds, took}: a process of its own."""
    given = json.load(sys.stdin)
    bodies = [json.dumps(each).encode() for each in given["bodies"]]
    begun = time.perf_counter()
    took = asyncio.run(ask(given["port"], bodies, given["key"], given["connections"], given["pause"]))
    json.dump({"seconds": time.perf_counter() - begun, "took": took}, sys.stdout)


if __name__ == "__main__":
    main()
