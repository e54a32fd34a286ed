"""An LMTP server (RFC 2033) for mail that comes back. The only importer of aiosmtpd (`parcours[bounces]`)."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from typing import Any

from engine.channels.returned import LARGEST
from engine.model.errors import SetupError

_log = logging.getLogger("parcours.bounces")
# What a report may return with it is cut off by its sender, or by us when we read it.
LARGEST_MAIL = 100 * LARGEST


def serve(listener: socket.socket, take: Callable[[bytes, str], Any]) -> None:
    """Hand every mail to `take(mail, recipient)` until SIGTERM or SIGINT. Raises SetupError without the extra."""

    async def run() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, end.set)
        async with await started(listener, take):
            await end.wait()

    asyncio.run(run())


async def started(listener: socket.socket, take: Callable[[bytes, str], Any]) -> asyncio.Server:
    """The server, which takes mail from now on.

    A mail is answered for when `take` has returned; when the store is away the mail server keeps it and comes again.
    """
    try:
        from aiosmtpd.lmtp import LMTP
    except ImportError:
        raise SetupError("`parcours bounces serve` needs an extra: pip install 'parcours[bounces]'") from None

    class Handler:
        async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
            if envelope.rcpt_tos:  # LMTP answers for each one; a mail server sends the others on their own then
                return "452 4.5.3 one recipient at a time"
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            try:
                took = await asyncio.to_thread(take, envelope.content, envelope.rcpt_tos[0])
            except Exception as fault:  # else it would be refused, and what it says lost for good
                _log.warning("returned mail is left to the mail server: %s: %s", type(fault).__name__, fault)
                return "451 4.3.0 not now, come again"
            return f"250 2.6.0 {took.status}"

    class Lmtp(LMTP):
        line_length_limit = 100_000  # what is returned may have any lines

    def protocol() -> LMTP:
        made = Lmtp(Handler(), data_size_limit=LARGEST_MAIL, hostname="parcours", enable_SMTPUTF8=True)
        made.__ident__ = "parcours"
        return made

    return await asyncio.get_running_loop().create_server(protocol, sock=listener)
