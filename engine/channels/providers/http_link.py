"""One HTTP/1.1 connection that is kept: a request in one piece, and its answer.

The parser is llhttp (through httptools), which the HTTP interface uses as well. `http.client` reads the head of an
answer with the parser of e-mail: that took as long as everything else about a post.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from contextlib import suppress

from httptools import HttpParserError, HttpResponseParser

_LIMIT = 65_536  # bytes of an answer that are read; an id or a reason needs no more
_LONGEST_HEAD = 100_000  # bytes
_LINE_END = re.compile("[\r\n\0]")


class Unreadable(Exception):
    """What came is no answer of HTTP."""


class HttpLink:
    """A connection to one server; `alive` while another request may follow. Raises OSError, as a socket does.

    `tls`: encrypted, with this context. `timeout` in seconds, for connecting and for each read and write.
    """

    def __init__(self, host: str, port: int, timeout: float, tls: ssl.SSLContext | None) -> None:
        self._sock: socket.socket = socket.create_connection((host, port), timeout)
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self._sock = tls.wrap_socket(self._sock, server_hostname=host)
        except BaseException:
            self._sock.close()
            raise
        self._poll = select.poll()  # unlike select(), it takes file numbers over 1024
        self._poll.register(self._sock, select.POLLIN)
        self.alive = True

    def stale(self) -> bool:
        """Whether the other side has closed it: an idle connection has nothing to say."""
        return bool(self._poll.poll(0))

    def say(self, request: bytes) -> None:
        self._sock.sendall(request)

    def hear(self) -> Heard:
        """The answer. Raises Unreadable, or OSError, when its head does not come whole; what is wrong with its body
        does not change what the head said."""
        heard, self.alive = Heard(), False
        try:
            while not heard.whole:
                piece = self._sock.recv(_LIMIT)
                if not piece:
                    raise Unreadable("the server has closed the connection without an answer")
                heard.feed(piece)
        except (OSError, Unreadable):
            if not heard.headed:
                raise
        self.alive = heard.whole and heard.stays
        return heard

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()


class Heard:
    """An answer as it comes in: `status`, `headers` by their names in small letters (the last of several), `body` (at
    most its first 64 KiB). `headed`: its head is whole; `whole`: all of it; `stays`: the connection may be used again.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.headed = self.whole = self.stays = False
        self._size = 0
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(  # as readers of answers are; a request is not split by them
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_data_after_close=True
        )

    def feed(self, piece: bytes) -> None:
        """Take in what came. Raises Unreadable."""
        self._size += len(piece)
        try:
            self._parser.feed_data(piece)
        except HttpParserError as fault:
            raise Unreadable(f"this is no answer of HTTP: {fault}") from fault
        if not self.headed and self._size > _LONGEST_HEAD:
            raise Unreadable("the head of its answer has no end")
        if self._size > _LONGEST_HEAD + _LIMIT and not self.whole:
            raise Unreadable("its answer is longer than is read")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.whole:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self.whole:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:  # it will say more: 100 Continue, 103 Early Hints
            self.headers.clear()
            return
        self.headed, self.stays = True, self._parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        if len(self.body) < _LIMIT and not self.whole:
            self.body = (self.body + piece)[:_LIMIT]

    def on_message_complete(self) -> None:
        if self.whole:
            self.stays = False  # more than one answer to one request
        elif self.headed:
            self.whole = True


def request(host: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST, whole. Raises ValueError for a header that would begin another one."""
    head = f"POST {target} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\nContent-Length: {len(body)}\r\n"
    for name, value in headers.items():
        if _LINE_END.search(name) or _LINE_END.search(value):
            raise ValueError(f"the header {name!r} has more than one line")
        head += f"{name}: {value}\r\n"
    return f"{head}\r\n".encode("latin-1") + body
