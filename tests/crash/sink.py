"""A mail server that keeps what it is given and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

# What it may do with a mail: take it; take it and hang up without a word; take it and say nothing for long;
# refuse it for now, or for good; hang up in the middle.
ACCEPT, ACCEPT_AND_DROP, ACCEPT_AND_HANG, LATER, NEVER, DROP = (
    "accept",
    "accept+drop",
    "accept+hang",
    "4xx",
    "5xx",
    "drop",
)
TAKEN = (ACCEPT, ACCEPT_AND_DROP, ACCEPT_AND_HANG)
HANG_SECONDS = 11.0  # longer than the engine waits for an answer


@dataclass(frozen=True)
class Mail:
    """What was taken: the order that the subject names, the id of the attempt, and the voucher codes in it."""

    order: str
    attempt: str
    codes: frozenset[str] = frozenset()


class Sink:
    """Listens on `port` while it is entered. `behave(order, how often it was offered before)` says what to do;
    `gone(address)` whether there is no such recipient."""

    def __init__(
        self,
        behave: Callable[[str, int], str] = lambda order, before: ACCEPT,
        slowly: float = 0.0,
        gone: Callable[[str], bool] = lambda address: False,
    ) -> None:
        self.behave, self.slowly, self.gone = behave, slowly, gone
        self.mails: list[Mail] = []
        self.offered: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Sink:
        self._thread.start()
        starting = asyncio.start_server(self._converse, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(5)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        mine = asyncio.current_task()
        for task in [task for task in asyncio.all_tasks() if task is not mine]:
            task.cancel()
        await asyncio.sleep(0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                word = line[:4].upper().strip()
                if word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    if not await self._take(await reader.readuntil(b"\r\n.\r\n"), writer):
                        break
                elif word == b"RCPT" and self.gone(line.decode().partition("<")[2].partition(">")[0]):
                    writer.write(b"550 5.1.1 nobody\r\n")
                else:
                    writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 sink\r\n")
                    if word == b"QUIT":
                        break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the worker was killed, which is what this is about
        finally:
            writer.close()

    async def _take(self, raw: bytes, writer: asyncio.StreamWriter) -> bool:
        """Deal with one mail; whether the conversation goes on."""
        attempt = _header(raw, b"Message-ID").strip("<>").partition("@")[0]
        codes = frozenset(code.decode() for code in re.findall(rb"\bV\d{5}\b", raw))
        mail = Mail(_header(raw, b"Subject"), attempt, codes)
        what = self.behave(mail.order, self.offered[mail.order])
        self.offered[mail.order] += 1
        self.did[what] += 1
        if what in TAKEN:
            self.mails.append(mail)
        if self.slowly:
            await asyncio.sleep(self.slowly)
        if what == ACCEPT_AND_HANG:
            await asyncio.sleep(HANG_SECONDS)
        if what in (ACCEPT_AND_DROP, ACCEPT_AND_HANG, DROP):
            return False
        writer.write({ACCEPT: b"250 taken\r\n", LATER: b"451 later\r\n", NEVER: b"554 5.6.0 never\r\n"}[what])
        return True


def _header(raw: bytes, name: bytes) -> str:
    found = re.search(rb"(?mi)^" + name + rb": *(?:\r\n[ \t]+)?([^\r\n]*)", raw)
    assert found is not None, f"a mail without {name!r}"
    return found[1].decode().strip()
