"""An e-mail as bytes on the wire.

What does not change is prepared once; the two bodies go through the C encoder of `binascii`, because
`email.message` takes 2 ms for what is a fixed frame here. No value can add a header: whatever is put
into one has lost its control characters first.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from urllib.parse import quote

from engine.channels.providers.attempt import message_id
from engine.model.message import Outgoing

# '=_' cannot occur in quoted-printable, so this never stands in a body
BOUNDARY = "=_parcours"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ATOM = r'[^\s\x00-\x1f\x7f<>()\[\],;:\\"@\ud800-\udfff]+'
_ADDRESS = re.compile(f"({_ATOM})@({_ATOM})")
_LF, _CRLF = "\n", "\r\n"
_KINDS = {
    kind: f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    for kind in ("plain", "html")
}
_ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"


def wire_address(address: str) -> str:
    """The address as SMTP takes it: the domain in ASCII, the local part untouched. Raises ValueError."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError("it is not one plain e-mail address")
    local, domain = found.groups()
    if domain.isascii():
        return address
    import idna  # only for domains that need it

    return f"{local}@{idna.encode(domain, uts46=True).decode()}"  # IDNAError is a ValueError


class Letterhead:
    """The frame of every e-mail of one sender. Raises ValueError when `address` is none."""

    def __init__(self, name: str, address: str) -> None:
        self.address = wire_address(address)
        if not self.address.isascii():
            raise ValueError("a sender's address must be plain ASCII before the @")
        self.domain = self.address.rpartition("@")[2]
        self._from = f"From: {formataddr((_clean(name), self.address))}\n"

    def letter(self, outgoing: Outgoing, to: str, unsubscribe: str | None) -> bytes:
        """The whole message with CRLF line ends, not dot-stuffed.

        `to` comes from `wire_address`. `unsubscribe` is a URL that ends the subscription on a POST
        without a login (RFC 8058), or None.
        """
        parts = outgoing.rendered.parts
        head = (
            f"{self._from}To: {to}\nSubject: {_subject(parts.get('subject', ''))}\nDate: {_date(outgoing.at // 1000)}\n"
            f"Message-ID: {message_id(outgoing.attempt_id, self.domain)}\nMIME-Version: 1.0\n"
        )
        if unsubscribe:
            one_click = _ONE_CLICK if unsubscribe.startswith("http") else ""  # a mailto: cannot be posted to
            head += f"List-Unsubscribe: <{_url(unsubscribe)}>\n{one_click}"
        bodies = [(kind, parts[part]) for kind, part in (("plain", "text"), ("html", "html")) if parts.get(part)]
        if len(bodies) == 2:
            head += f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\n\n'
            inner = "".join([f"--{BOUNDARY}\r\n{_body(kind, text)}\r\n" for kind, text in bodies])
            rest = f"{inner}--{BOUNDARY}--\r\n"
        else:
            kind, text = bodies[0] if bodies else ("plain", "")
            rest = f"{_body(kind, text)}\r\n"
        return f"{head.replace(_LF, _CRLF)}{rest}".encode()


def _body(kind: str, text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return _KINDS[kind] + _CRLF.join(map(_line, plain.split("\n")))


@lru_cache(maxsize=2048)  # most lines of a layout are the same in every letter, and coding them all takes 0.08 ms
def _line(line: str) -> str:
    coded = binascii.b2a_qp(line.encode("utf-8", "replace"), istext=True).decode("ascii")
    return coded.replace("\n", _CRLF)  # it breaks what is too long for a line


@lru_cache(maxsize=8)  # of a second
def _date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


@lru_cache(maxsize=256)  # 0.1 ms when it has accents, and a campaign has few subjects
def _subject(text: str) -> str:
    plain = _clean(text)
    if plain.isascii() and "=?" not in plain and len(plain) < 900:
        return plain
    return Header(plain, "utf-8", header_name="Subject").encode()


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _url(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="!#$%&'()*+,/:;=?@[]~")
