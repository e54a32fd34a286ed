"""Posting over HTTP/2, on kept connections. The only importer of httpx.

A connection serves one thread at a time: the library's own sharing of one among threads mixes up their headers.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

from engine.channels.providers.http_post import Answer, NoAnswer, NotSent
from engine.model.errors import SetupError


class Http2Poster:
    """Posts to one server; threads may share it, each takes a kept connection or opens one.

    `base` is https://host[:port], or http:// for a stand-in that speaks HTTP/2 at once. `timeout` in seconds, for
    connecting and for each read and write. Raises SetupError when the extra is not installed.
    """

    def __init__(self, base: str, timeout: float, tls: ssl.SSLContext | None = None) -> None:
        try:
            import h2  # noqa: F401 (httpx says only later that it is not there)
            import httpx
        except ImportError:
            raise SetupError("APNs needs an extra: pip install 'parcours[providers]'.") from None
        self._errors: Any = httpx
        self._base = base
        context = tls or ssl.create_default_context()
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=300)
        self._make: Callable[[], Any] = lambda: httpx.Client(
            http1=False, http2=True, verify=context, limits=limits, timeout=timeout, trust_env=False
        )
        self._kept: deque[Any] = deque()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[Answer, dict[str, str]]:
        """One POST: the answer, and its headers. Raises NotSent or NoAnswer, nothing else that a network can cause."""
        errors = self._errors
        try:
            client = self._kept.pop()
        except IndexError:
            client = self._make()
        try:
            answer = client.post(self._base + path, content=body, headers=headers)
        except (errors.ConnectError, errors.ConnectTimeout, errors.PoolTimeout) as fault:
            raise NotSent(f"cannot connect: {_told(fault)}") from fault
        except (errors.WriteError, errors.WriteTimeout, errors.LocalProtocolError, errors.InvalidURL) as fault:
            raise NotSent(f"lost while sending: {_told(fault)}") from fault
        except errors.HTTPError as fault:
            raise NoAnswer(f"no answer after the message was handed over: {_told(fault)}") from fault
        finally:
            self._kept.append(client)  # a broken connection is exchanged when it is used next
        said = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, said.get("retry-after", ""), answer.content), said

    def close(self) -> None:
        """Close the kept connections; a later post opens a new one."""
        while self._kept:
            self._kept.pop().close()


def _told(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
