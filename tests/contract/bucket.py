"""A bucket that speaks as much S3 as an archive needs: put, get, delete and list (version 2), a page at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

PAGE = 3  # so small that every list has several


@contextmanager
def bucket() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The URL of an archive in an empty bucket, and what the bucket holds by key."""
    held: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix("/shop/")

        def do_PUT(self) -> None:
            held[self._key()] = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, ETag=_tag(held[self._key()]))

        def do_DELETE(self) -> None:
            held.pop(self._key(), None)
            self._answer(204)

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if "list-type" in asked:
                self._answer(200, _listing(held, asked), Content_Type="application/xml")
            elif self._key() in held:
                data = held[self._key()]
                self._answer(200, data, ETag=_tag(data), Last_Modified="Wed, 21 Oct 2026 07:28:00 GMT")
            else:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", Content_Type="application/xml")

        do_HEAD = do_GET

        def do_POST(self) -> None:
            """Several are deleted at once."""
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", asked)]
            for key in keys:
                held.pop(key, None)
            rows = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{rows}</DeleteResult>".encode(), Content_Type="application/xml")

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        port = server.server_address[1]
        yield f"s3://key:se%2Fcret@shop/the/archive?region=eu-west-3&endpoint=http://127.0.0.1:{port}", held
    finally:
        server.shutdown()
        server.server_close()


def _tag(data: bytes) -> str:
    return f'"{md5(data).hexdigest()}"'


def _listing(held: dict[str, bytes], asked: dict[str, list[str]]) -> bytes:
    prefix = asked.get("prefix", [""])[0]
    after = asked.get("continuation-token", [""])[0]
    names = [name for name in sorted(held) if name.startswith(prefix) and name > after]
    more = len(names) > PAGE
    rows = "".join(
        f"<Contents><Key>{escape(name)}</Key><LastModified>2026-10-21T07:28:00.000Z</LastModified>"
        f"<ETag>{escape(_tag(held[name]))}</ETag><Size>{len(held[name])}</Size></Contents>"
        for name in names[:PAGE]
    )
    token = f"<NextContinuationToken>{escape(names[PAGE - 1])}</NextContinuationToken>" if more else ""
    head = "<Name>shop</Name>"
    cut = f"<KeyCount>{min(len(names), PAGE)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
    return f"<ListBucketResult>{head}{cut}{token}{rows}</ListBucketResult>".encode()
