"""E-mail through an SMTP server, over connections that are kept.

The one question that matters is on which side of the final dot a failure fell: before it the server
has nothing (`retry`), after it nobody can say (`unknown`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from engine.channels.dead_address import is_dead
from engine.channels.providers.mime import Letterhead, wire_address
from engine.channels.providers.smtp_server import SmtpServer
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

# Our login or our manners: no message is lost because a server was set up otherwise.
_NOT_ITS_FAULT = (500, 502, 503, 530, 534, 535, 538)

# It reports of a message by the id it gives here: '250 Ok <id>'.
_SES = re.compile(r"email-smtp(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")

_DOT = re.compile(rb"\n\.")
_AFTER = {"MAIL": ("RCPT", "DATA"), "RCPT": ("DATA",), "DATA": ()}


class _Lost(Exception):
    """The connection broke before the message was handed over; `stale` when a new one may do."""

    def __init__(self, reason: str, stale: bool) -> None:
        super().__init__(reason)
        self.stale = stale


class SmtpSender:
    """A `Sender` for e-mail. Threads may share it: each takes a kept connection or opens one.

    url          smtp://[user:password@]host[:port][?starttls=1] or smtps://...
    unsubscribe  gives the one-click URL of a message, or None where it needs none
    return_path  gives the address to which an attempt's mail comes back; else it is the sender's
    sign         gives a whole letter with its signature in front
    timeout      seconds, for each answer of the server
    tls          for a private certificate authority; else the system's
    Raises SetupError when the URL or the sender's address cannot be used; connects on the first send.
    """

    name = "smtp"
    idempotent = False

    def __init__(
        self,
        url: str,
        sender_name: str,
        sender_address: str,
        *,
        unsubscribe: Callable[[Outgoing], str | None] | None = None,
        return_path: Callable[[str], str] | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = SmtpServer.parse(url)
        try:
            self._letterhead = Letterhead(sender_name, sender_address)
        except ValueError as fault:
            raise SetupError(f"'{sender_address}' cannot be the sender's address: {fault}.") from None
        self._unsubscribe, self._return_path, self._sign = unsubscribe, return_path, sign
        self._timeout = timeout
        self._tls = tls
        self._kept: deque[smtplib.SMTP] = deque()

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Hand one e-mail over; `provider_id` is what the server said when it took it."""
        try:
            to = wire_address(outgoing.address)
        except ValueError as fault:
            return SendOutcome("bad_address", f"the address cannot be used: {fault}")
        link = self._unsubscribe(outgoing) if self._unsubscribe else None
        letter = self._letterhead.letter(outgoing, to, link)
        letter = self._sign(letter) if self._sign is not None else letter
        back = self._return_path(outgoing.attempt_id) if self._return_path is not None else self._letterhead.address
        kept = self._take()
        if kept is not None:
            try:
                return self._hand_over(kept, back, to, letter)
            except _Lost as lost:
                if not lost.stale:
                    return SendOutcome("retry", str(lost))
        try:
            fresh = self._server.open(self._letterhead.domain, self._timeout, self._tls)
        except (OSError, UnicodeError) as fault:
            where = f"{self._server.host}:{self._server.port}"
            return SendOutcome("retry", f"no conversation with {where}: {_told(fault)}")
        try:
            return self._hand_over(fresh, back, to, letter)
        except _Lost as lost:
            return SendOutcome("retry", str(lost))

    def close(self) -> None:
        """Say goodbye on every kept connection; a later send opens a new one."""
        while self._kept:
            with suppress(OSError):
                self._kept.pop().quit()

    def _take(self) -> smtplib.SMTP | None:
        try:
            return self._kept.pop()
        except IndexError:
            return None

    def _hand_over(self, link: smtplib.SMTP, back: str, to: str, letter: bytes) -> SendOutcome:
        utf8 = not to.isascii()
        if utf8:
            if not link.has_extn("smtputf8"):
                self._kept.append(link)
                return SendOutcome("refused", "the server takes no address with letters beyond ASCII (SMTPUTF8)")
            link.command_encoding = "utf-8"
        commands = (
            ("MAIL", f"MAIL FROM:<{back}>{' SMTPUTF8' if utf8 else ''}\r\n", 250),
            ("RCPT", f"RCPT TO:<{to}>\r\n", 250),
            ("DATA", "DATA\r\n", 354),
        )
        at_once = link.has_extn("pipelining")
        if at_once:
            _say(link, "MAIL", "".join([words for _, words, _ in commands]))
        for stage, words, good in commands:
            if not at_once:
                _say(link, stage, words)
            code, raw = _hear(link, stage)
            if code == good:
                continue
            said = _line(raw)
            if code == 421 and stage == "MAIL":  # it closes connections that were kept too long
                link.close()
                raise _Lost(f"421 {said}", stale=True)
            if not (stage == "RCPT" and code == 251):
                if at_once:
                    _hear_out(link, stage)
                self._keep_or_close(link, code)
                said_of = stage == "RCPT" and code != 421  # say, a full mailbox
                return SendOutcome(_verdict(stage, code, said), f"{stage}: {code} {said}", recipient=said_of)
        try:
            link.send(_stuffed(letter) + b".\r\n")
        except OSError as fault:  # some of the end was not taken, so neither was the dot
            link.close()
            raise _Lost(f"lost while sending: {_told(fault)}", stale=False) from fault
        try:
            code, raw = link.getreply()
        except OSError as fault:
            link.close()
            return SendOutcome("unknown", f"no answer after the message was handed over: {_told(fault)}")
        said = _line(raw)
        if 200 <= code < 300:
            self._kept.append(link)
            names = "ses" if _SES.fullmatch(self._server.host) else ""
            return SendOutcome("accepted", provider_id=said.rpartition(" ")[2] if names else said, names=names)
        self._keep_or_close(link, code)
        return SendOutcome(_verdict("end of DATA", code, said), f"end of DATA: {code} {said}")

    def _keep_or_close(self, link: smtplib.SMTP, code: int) -> None:
        """After a refusal: clear the half-made message, and keep the connection if that works."""
        with suppress(OSError):
            if code != 421 and link.rset()[0] == 250:
                self._kept.append(link)
                return
        link.close()


def _stuffed(letter: bytes) -> bytes:
    """With a second dot before a line's first. Looking for one takes a third of replacing none."""
    return letter if _DOT.search(letter) is None else letter.replace(b"\n.", b"\n..")


def _say(link: smtplib.SMTP, stage: str, words: str) -> None:
    try:
        link.send(words)
    except OSError as fault:
        raise _lost(link, stage, fault) from fault


def _hear(link: smtplib.SMTP, stage: str) -> tuple[int, bytes]:
    try:
        return link.getreply()
    except OSError as fault:
        raise _lost(link, stage, fault) from fault


def _hear_out(link: smtplib.SMTP, stage: str) -> None:
    """Hear the answers to what was said in one go with a command that was refused (RFC 2920, 3.1).

    A server that takes DATA for nobody waits for a text: it gets an empty one, which it cannot deliver.
    """
    with suppress(_Lost):
        codes = [_hear(link, name)[0] for name in _AFTER[stage]]
        if codes and codes[-1] == 354:
            _say(link, "DATA", ".\r\n")
            _hear(link, "DATA")


def _lost(link: smtplib.SMTP, stage: str, fault: OSError) -> _Lost:
    link.close()
    slow = isinstance(fault.__context__, TimeoutError)
    return _Lost(f"lost at {stage}: {_told(fault)}", stale=not slow)


def _verdict(stage: str, code: int, said: str) -> OutcomeKind:
    if 400 <= code < 500 or (code in _NOT_ITS_FAULT and stage != "end of DATA"):
        return "retry"
    if not 500 <= code < 600:
        return "unknown" if stage == "end of DATA" else "retry"  # no SMTP; before the dot it has nothing
    if stage != "RCPT":
        return "refused"
    return "bad_address" if is_dead(f"{code} {said}") else "refused"


def _line(raw: bytes) -> str:
    return " ".join(raw.decode("utf-8", "replace").split())[:300]


def _told(fault: BaseException) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        said = fault.smtp_error
        return f"{fault.smtp_code} {_line(said) if isinstance(said, bytes) else said}"
    return str(fault) or type(fault).__name__
