"""A small till: the page for a tablet, and the way from it to Parcours. The tablet never sees the API key.

    python examples/till/serve.py --workspace shop --store lyon

Only the standard library: read it before you write your own.
"""

from __future__ import annotations

import argparse
import os
import re
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

PAGE = Path(__file__).parent / "page"
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SILENT = 60.0  # seconds; Parcours says something every 15
LARGEST = 10_000


class Till(BaseHTTPRequestHandler):
    """Serves one shop. What the tablet may ask Parcours is this and nothing else."""

    store = ""
    api = ""
    key = ""
    name = ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._meant():
            self._say(421, b"")
        elif path == "/":
            self.send_response(302)
            self.send_header("Location", f"/till/{quote(self.store, safe='')}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == f"/v1/stores/{quote(self.store, safe='')}/prompts":
            self._pass_on("GET", path, None)
        elif path.startswith(f"/till/{quote(self.store, safe='')}/"):
            self._file(path.rpartition("/")[2] or "index.html")
        else:
            self._say(404, b"")

    def do_POST(self) -> None:
        path, length = urlsplit(self.path).path, self.headers.get("Content-Length", "")
        if not self._meant():
            self._say(421, b"")
        elif not re.fullmatch(r"/v1/prompts/\w+/(claim|release|outcome)", path):
            self._say(404, b"")
        elif self.headers.get_content_type() != "application/json":  # so no other site can post from here
            self._say(415, b"")
        elif not length.isdecimal() or int(length) > LARGEST:
            self._say(413, b"")
        else:
            self._pass_on("POST", path, self.rfile.read(int(length)))

    def _meant(self) -> bool:
        """Whether it was asked for by an address, and not by a name of somebody else's that leads here."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        return host in ("localhost", self.name) or re.fullmatch(r"[\d.]+|[0-9a-f:]+", host) is not None

    def _file(self, name: str) -> None:
        file = PAGE / name
        if file.name not in {each.name for each in PAGE.iterdir()}:
            self._say(404, b"")
        else:
            self._say(200, file.read_bytes(), KINDS[file.suffix])

    def _pass_on(self, method: str, path: str, body: bytes | None) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers |= {name: self.headers[name] for name in ("Accept", "Last-Event-ID") if self.headers[name]}
        place = urlsplit(self.api)
        way = HTTPConnection(place.hostname or "", place.port or 80, timeout=SILENT)
        try:
            way.request(method, path, body, headers)
            answer = way.getresponse()
            if answer.getheader("Content-Type", "").startswith("text/event-stream"):
                self._stream(answer)
            else:
                self._say(answer.status, answer.read(), answer.getheader("Content-Type", "application/json"))
        except OSError:  # Parcours is away, or the tablet is: it comes again
            self.close_connection = True
            if not self._begun:
                self._say(502, b"{}", "application/json")
        finally:
            way.close()

    _begun = False

    def _stream(self, answer: HTTPResponse) -> None:
        self._begun = self.close_connection = True
        self.send_response(200)
        for name, value in {**SAFE, "Content-Type": "text/event-stream", "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        while part := answer.read1():
            self.wfile.write(part)

    def _say(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        for name, value in {**SAFE, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the page says how it stands."""


def main() -> None:
    """Serve until Ctrl-C."""
    asked = argparse.ArgumentParser(description="A till for one shop of a Parcours that runs on this machine.")
    asked.add_argument("--store", required=True, help="The shop, as prompts name it.")
    asked.add_argument("--workspace", type=Path, default=Path(), help="Where `parcours up` runs (default: here).")
    asked.add_argument("--api", default="http://127.0.0.1:8750", help="Where its HTTP interface is.")
    asked.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
    asked.add_argument("--port", type=int, default=8760)
    asked.add_argument("--name", default="", help="The name by which tablets call this machine, if not its address.")
    given = asked.parse_args()
    file = given.workspace / ".parcours" / "api-key"
    if "TILL_KEY" not in os.environ and not file.exists():
        asked.error(f"there is no {file}: run `parcours up` in the workspace, or set TILL_KEY.")
    key = os.environ.get("TILL_KEY") or file.read_text().strip()
    Till.store, Till.api, Till.key, Till.name = given.store, given.api, key, given.name.lower()
    server = ThreadingHTTPServer((given.host, given.port), Till)
    server.daemon_threads = True
    print(f"The till of {given.store}: http://{given.host}:{server.server_address[1]}/  Ctrl-C stops it.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
