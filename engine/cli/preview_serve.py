"""`parcours preview --serve`: the page in a browser of this machine, renewed by itself."""

from __future__ import annotations

import errno
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

import click

from engine.cli.preview_watch import Watch

HOST = "127.0.0.1"
# How often a line without meaning is sent, so that a page that was closed is noticed.
BEAT_SECONDS = 5.0


class Server(ThreadingHTTPServer):
    """Listens on this machine only; its threads do not keep the process alive."""

    daemon_threads = True

    def __init__(self, watch: Watch, port: int) -> None:
        self.watch = watch
        super().__init__((HOST, port), Handler)
        self.names = {f"{name}:{self.server_address[1]}" for name in (HOST, "localhost")}


class Handler(BaseHTTPRequestHandler):
    """Two addresses: the page, and the stream of its versions."""

    server: Server

    def do_GET(self) -> None:
        watch = self.server.watch
        if self.headers.get("Host", "") not in self.server.names:
            self.send_error(421, "This server answers to 127.0.0.1 and localhost only")
        elif self.path == "/":
            self._page(watch.page)
        elif self.path == "/changes":
            self._changes(watch)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal belongs to the author."""

    def _page(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _changes(self, watch: Watch) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        told = -1
        try:
            while not watch.stopped:
                version = watch.wait(told, BEAT_SECONDS)
                line = ": beat\n\n" if version == told else f"retry: 500\ndata: {version}\n\n"
                told = version
                self.wfile.write(line.encode())
        except OSError:
            return  # the page was closed


def run(folder: Path, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises ClickException when the port is taken."""
    watch = Watch(folder)
    try:
        server = Server(watch, port)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"Port {port} is taken: choose another with --port.") from None

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):  # a shell may have told a job in the background to ignore the first
        signal.signal(each, stop)
    try:
        watch.start()
        click.echo(f"The messages of {folder.resolve()} are at http://{HOST}:{port}/ (Ctrl-C stops it)")
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        watch.stop()
        server.server_close()
