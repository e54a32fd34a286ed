"""A server that speaks APNs: HTTP/2, many notifications on one connection, a JSON reason for each refusal."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import suppress
from typing import Any

import h2.config
import h2.connection
import h2.events


class Apns(socketserver.ThreadingTCPServer):
    """Answers (status, reason) from `script`, then 200; status 0 closes the connection without an answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.script: list[tuple[int, str]] = []
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.connections = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Conversation)


class Conversation(socketserver.BaseRequestHandler):
    server: Apns

    def handle(self) -> None:
        self.server.connections += 1
        link = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        link.initiate_connection()
        asked: dict[int, tuple[dict[str, str], bytes]] = {}
        with suppress(OSError):
            self.request.sendall(link.data_to_send())
            while data := self.request.recv(65_536):
                for event in link.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        asked[event.stream_id] = (dict(event.headers), b"")  # type: ignore[arg-type]
                    elif isinstance(event, h2.events.DataReceived):
                        headers, body = asked[event.stream_id]
                        asked[event.stream_id] = (headers, body + event.data)
                    elif isinstance(event, h2.events.StreamEnded) and not self._answer(
                        link, event.stream_id, *asked.pop(event.stream_id)
                    ):
                        return
                self.request.sendall(link.data_to_send())

    def _answer(self, link: h2.connection.H2Connection, stream: int, headers: dict[str, str], body: bytes) -> bool:
        with self.server.lock:
            self.server.got.append((headers, json.loads(body)))
            status, reason = self.server.script.pop(0) if self.server.script else (200, "")
        if not status:
            return False
        given = [(":status", str(status)), ("apns-id", headers["apns-id"])]
        if reason == "ServiceUnavailable":
            given.append(("retry-after", "3"))
        link.send_headers(stream, given, end_stream=not reason)
        if reason:
            link.send_data(stream, json.dumps({"reason": reason}).encode(), end_stream=True)
        return True
