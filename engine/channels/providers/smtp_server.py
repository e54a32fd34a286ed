"""Where the SMTP server is, and how a conversation with it is opened."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from engine.channels.providers.smtp_link import Link, TlsLink
from engine.model.errors import SetupError

_SHAPE = "It should read smtp://[user:password@]host[:port], smtp+starttls:// or smtps:// for TLS."
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`tls`: 'none', 'starttls' (demanded, never skipped) or 'implicit'."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """Read a URL; raises SetupError, which never shows the password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as fault:
            raise SetupError(f"The SMTP URL cannot be read: {fault}. {_SHAPE}") from None
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise SetupError(f"The SMTP URL has no server or begins with '{parts.scheme}:'. {_SHAPE}")
        options = parse_qs(parts.query, keep_blank_values=True)
        strange = sorted(set(options) - {"starttls"})
        wish = options.get("starttls", [""])[-1]
        if strange or wish not in ("", "0", "1"):
            raise SetupError(f"The SMTP URL says '?{parts.query}', which nobody understands. {_SHAPE}")
        tls = "implicit" if parts.scheme == "smtps" else "starttls" if wish == "1" or "+" in parts.scheme else "none"
        if parts.username and tls == "none" and wish != "0" and parts.hostname not in _LOOPBACK:
            raise SetupError(
                f"The password for {parts.hostname} would cross the network unprotected. "
                "Add ?starttls=1 or use smtps://; ?starttls=0 says that you want it so."
            )
        usual = {"implicit": 465, "starttls": 587, "none": 25}[tls]
        return cls(parts.hostname, port or usual, tls, unquote(parts.username or ""), unquote(parts.password or ""))

    def open(self, helo: str, timeout: float, context: ssl.SSLContext | None) -> smtplib.SMTP:
        """Connect, greet, secure, log in. Raises OSError (every smtplib error is one) or UnicodeError."""
        if self.tls == "implicit":
            secure = context or ssl.create_default_context()
            link: smtplib.SMTP = TlsLink(self.host, self.port, helo, timeout=timeout, context=secure)
        else:
            link = Link(self.host, self.port, helo, timeout)
        try:
            link.ehlo_or_helo_if_needed()
            if self.tls == "starttls":
                link.starttls(context=context or ssl.create_default_context())
                link.ehlo_or_helo_if_needed()
            if self.user:
                link.login(self.user, self.password)
        except BaseException:
            link.close()
            raise
        return link
