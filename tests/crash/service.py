"""A service that journeys call: it answers every request and remembers its idempotency key."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service:
    """Listens on `port` while it is entered. `before_answer(n)` is called when request number n (from 1) has been
    heard, and before it is answered."""

    def __init__(self, before_answer: Callable[[int], None] = lambda number: None) -> None:
        self.before_answer = before_answer
        self.heard: Counter[str] = Counter()  # by key: two requests under one key are one call
        self._lock = threading.Lock()

    def __enter__(self) -> Service:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                with service._lock:
                    service.heard[self.headers["webhook-id"]] += 1
                    number = service.heard.total()
                service.before_answer(number)
                self.send_response(200)
                self.send_header("content-length", "16")
                self.end_headers()
                self.wfile.write(b'{"stock": "yes"}')

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The worker was killed before it heard the answer, which is what this is about."""
