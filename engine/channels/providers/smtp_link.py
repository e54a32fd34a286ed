"""smtplib's conversation with two bounds that it lacks: on how long one answer takes, and how long it is.

Its own reader begins its time-out anew with each byte, and reads lines for as long as a server writes some.
"""

from __future__ import annotations

import smtplib
import socket
import time

MOST_LINES = 100
LONGEST = 100_000  # bytes of one answer
_GOES_ON = ord("-")


class Link(smtplib.SMTP):
    """A connection on which every answer is whole within `timeout` seconds, or the connection is lost."""

    _heard: bytes = b""
    _of: socket.socket | None = None

    def getreply(self) -> tuple[int, bytes]:
        """The code of the next answer (-1: it is none) and its lines. Raises SMTPServerDisconnected."""
        if self._of is not self.sock:  # what was said before TLS began is forgotten
            self._of, self._heard = self.sock, b""
        until, lines = time.monotonic() + float(self.timeout), list[bytes]()
        if not self._heard:
            self._heard = self._more()
        if (end := self._heard.find(b"\n")) > 3 and self._heard[3] != _GOES_ON and self._heard[:3].isdigit():
            line, self._heard = self._heard[:end], self._heard[end + 1 :]
            return int(line[:3]), line[4:].strip()
        while True:
            line = self._line(until)
            lines.append(line[4:].strip())
            code = int(line[:3]) if line[:3].isdigit() else -1
            if code < 0 or line[3:4] != b"-":
                return code, b"\n".join(lines)
            if len(lines) > MOST_LINES:
                raise self._lost("its answer has no end")

    def _line(self, until: float) -> bytes:
        """One line, without its end. The first look at the network waits as long as any other call."""
        narrowed = False
        while (end := self._heard.find(b"\n")) < 0:
            if len(self._heard) > LONGEST:
                raise self._lost("its answer has no end")
            if self._heard and self.sock is not None:
                self.sock.settimeout(max(until - time.monotonic(), 0.001))
                narrowed = True
            self._heard += self._more()
        if narrowed and self.sock is not None:
            self.sock.settimeout(float(self.timeout))
        line, self._heard = self._heard[:end], self._heard[end + 1 :]
        return line

    def _more(self) -> bytes:
        if self.sock is None:
            raise self._lost("there is none")
        try:
            heard = self.sock.recv(8_192)
        except OSError as fault:
            raise self._lost(str(fault) or type(fault).__name__) from fault
        if not heard:
            raise self._lost("the server has closed it")
        return heard

    def _lost(self, why: str) -> smtplib.SMTPServerDisconnected:
        self.close()
        return smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {why}")


class TlsLink(Link, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""
