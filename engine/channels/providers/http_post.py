"""Posting over kept HTTP/1.1 connections, with the one distinction a sender needs: did it get everything?"""

from __future__ import annotations

import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.channels.providers.http_link import HttpLink, Unreadable, request
from engine.model.errors import SetupError


class NotSent(Exception):
    """The server has not got the whole request."""


class NoAnswer(Exception):
    """The server has the whole request, and what it did with it is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is at most its first 64 KiB; '' for a header that is not there."""

    status: int
    retry_after: str
    body: bytes
    location: str = ""


class Poster:
    """Posts to one URL; threads may share it, each takes a kept connection or opens one.

    Follows no redirect, asks no environment for a proxy. `timeout` in seconds, for connecting and for
    each read and write. Raises SetupError when the URL cannot be used; connects on the first post.
    """

    def __init__(self, url: str, timeout: float, tls: ssl.SSLContext | None = None) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as fault:
            raise SetupError(f"The URL '{url}' cannot be read: {fault}.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise SetupError("The URL of a webhook should read https://host[:port]/path, without a user or password.")
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not all("!" <= sign <= "~" for sign in self._target + parts.hostname):
            raise SetupError(f"The URL '{url}' holds a space or a letter beyond ASCII: write it percent-encoded.")
        self.host = parts.hostname
        usual = 443 if parts.scheme == "https" else 80
        self._port = port or usual
        named = f"[{self.host}]" if ":" in self.host else self.host
        self._host = named if self._port == usual else f"{named}:{self._port}"
        self._timeout = timeout
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._kept: deque[HttpLink] = deque()

    def post(self, body: bytes, headers: dict[str, str], target: str = "") -> Answer:
        """One POST; `target` is another path (and query) of the same server. Raises NotSent or NoAnswer, nothing else
        that a network can cause."""
        whole = request(self._host, target or self._target, headers, body)
        link = self._link()
        try:
            link.say(whole)
        except OSError as fault:
            link.close()
            raise NotSent(f"lost while sending: {_told(fault)}") from fault
        try:
            heard = link.hear()
        except (OSError, Unreadable) as fault:
            link.close()
            raise NoAnswer(f"no answer after the message was handed over: {_told(fault)}") from fault
        if link.alive:
            self._kept.append(link)
        else:
            link.close()
        told = heard.headers
        return Answer(heard.status, told.get("retry-after", ""), heard.body, told.get("location", ""))

    def close(self) -> None:
        """Close the kept connections; a later post opens a new one."""
        while self._kept:
            self._kept.pop().close()

    def _link(self) -> HttpLink:
        while True:
            try:
                kept = self._kept.pop()
            except IndexError:
                break
            if not kept.stale():
                return kept
            kept.close()
        try:
            return HttpLink(self.host, self._port, self._timeout, self._tls)
        except (OSError, UnicodeError) as fault:
            raise NotSent(f"cannot connect to {self.host}: {_told(fault)}") from fault


def _told(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
