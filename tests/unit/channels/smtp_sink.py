"""A real SMTP server on a free port that answers as a test tells it to."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

DROP = "drop the connection"
HANG = "say nothing for a while"


class SmtpSink(Controller):
    """`script` holds, by stage (MAIL, RCPT, DATA), the answers still to give; without one it accepts.

    `got` are the accepted envelopes, `connections` how many were opened.
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        password: str = "",
        smtputf8: bool = True,
        pipelining: bool = False,
    ) -> None:
        self._pipelining = pipelining
        self.script: dict[str, list[str]] = {}
        self.got: list[Envelope] = []
        self.secure: list[bool] = []
        self.connections = 0
        self._tls = tls
        self._password = password
        super().__init__(self, hostname="127.0.0.1", port=0, enable_SMTPUTF8=smtputf8)

    def factory(self) -> SMTP:
        self.connections += 1
        login: dict[str, Any] = {}
        if self._password:
            over_tls = self._tls is not None
            login = {"authenticator": self._check, "auth_required": over_tls, "auth_require_tls": over_tls}
        smtputf8 = bool(self.SMTP_kwargs["enable_SMTPUTF8"])
        return SMTP(self, hostname="sink.test", enable_SMTPUTF8=smtputf8, tls_context=self._tls, **login)

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        right = data.login == b"ana@shop" and data.password == self._password.encode()
        return AuthResult(success=right, handled=False)

    def _trigger_server(self) -> None:
        """Port 0: ask the server which port it got before the first contact."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
        self.connections = 0

    async def _answer(self, stage: str, server: SMTP, usual: str) -> str:
        answers = self.script.get(stage, [])
        answer = answers.pop(0) if answers else usual
        if answer == DROP:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        elif answer == HANG:
            await asyncio.sleep(0.6)
        else:
            return answer
        return usual

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self._pipelining else responses

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._answer("MAIL", server, "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self._answer("RCPT", server, "250 OK")
        if answer.startswith("25"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self._answer("DATA", server, "250 OK queued as 42")
        if answer.startswith("250"):
            self.got.append(envelope)
            self.secure.append(session.ssl is not None)
        return answer
