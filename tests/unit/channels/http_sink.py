"""A real HTTP server on a free port that answers as a test tells it to."""

from __future__ import annotations

import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SILENT, HANGS_UP = 0, -1  # instead of a status


class Endpoint(ThreadingHTTPServer):
    """Answers (status, headers, body) as `routes` say for a path, else from `script`, then 200 `{"id": "n-1"}`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.script: list[tuple[int, dict[str, str], bytes]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.routes: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.paths: list[str] = []
        self.connections = 0
        self.idle = 5.0
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/send?v=1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.idle)
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        script = self.server.script
        last: tuple[int, dict[str, str], bytes] = (200, {}, b'{"id": "n-1"}')
        route = self.server.routes.get(self.path)
        status, headers, answer = route or (script.pop(0) if script else last)
        if status in (SILENT, HANGS_UP):
            time.sleep(0.5 if status == SILENT else 0)
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"content-length": str(len(answer)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def handle(self) -> None:
        with suppress(OSError):  # a client that does not trust the certificate hangs up
            super().handle()

    def log_message(self, *_: object) -> None:
        """Quiet."""
