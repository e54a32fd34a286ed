"""An SMTP server without manners: at each stage of a conversation it does what a test tells it to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

DROP, HANG, DRIP, FLOOD, GARBAGE = "drop", "hang", "drip", "flood", "garbage"
GOOD = {
    "banner": "220 rude.test",
    "EHLO": "250-rude.test\r\n250-AUTH PLAIN\r\n250 OK",
    "AUTH": "235 2.7.0 welcome",
    "STARTTLS": "454 4.7.0 not now",
    "MAIL": "250 2.1.0 OK",
    "RCPT": "250 2.1.5 OK",
    "DATA": "354 go on",
    "dot": "250 2.0.0 queued as 42",
    "RSET": "250 OK",
    "QUIT": "221 bye",
}


class RudeServer(socketserver.ThreadingTCPServer):
    """`does` maps a stage to what happens there, once; then the server behaves. `took` counts accepted texts."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, does: Mapping[str, str], always: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.does, self.always = dict(does), always
        self.took = 0
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side hung up: that is what these tests are about."""


class _Talk(socketserver.StreamRequestHandler):
    server: RudeServer

    def handle(self) -> None:
        self.say("banner")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper().decode("ascii", "replace")
            if verb == "DATA":
                if self.say("DATA").startswith("354"):
                    self.text()
            elif verb == "RCPT" or verb in GOOD:
                self.say(verb)
            else:
                self.wfile.write(b"500 what?\r\n")

    def text(self) -> None:
        if self.server.does.get("text") == DROP:
            self.server.does.pop("text")
            self.rfile.read(10)
            raise ConnectionError
        while self.rfile.readline() != b".\r\n":
            pass
        if self.say("dot").startswith("250"):
            self.server.took += 1

    def say(self, stage: str) -> str:
        does = self.server.does
        answer = (does.get(stage) if self.server.always else does.pop(stage, None)) or GOOD[stage]
        if answer == DROP:
            raise ConnectionError
        if answer == HANG:
            self.server.over.wait(2)
        elif answer == DRIP:  # each letter comes in time, the line never ends
            for _ in range(40):
                self.wfile.write(b"2")
                if self.server.over.wait(0.1):
                    break
        elif answer == FLOOD:
            for _ in range(5_000):
                self.wfile.write(b"250-and another thing\r\n")
        elif answer == GARBAGE:
            self.wfile.write(b"\x16\x03\x01HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            self.wfile.write(answer.encode() + b"\r\n")
        return answer
