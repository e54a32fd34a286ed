"""Mail that comes back: delivery status notifications (RFC 3464) and complaints (RFC 5965), read with suspicion.

Anybody can write such a mail. So what it is about is never taken from its words, only from an address or a link
that we have signed; the words say no more than what happened.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Literal

from engine.channels.dead_address import is_dead

LARGEST = 300_000  # bytes that are looked at: a report stands before the mail that it returns
_MOST_PARTS, _MOST_NESTED = 50, 30
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)

_MOST_FIELDS = 100
_MOST_TEXT = 20_000  # bytes of a report proper
_QMAIL = re.compile(r"\s*Hi\. This is the \S+")
_DELAYED = re.compile(r"\bdelayed\b", re.IGNORECASE)
_COPY = re.compile(r"^-{3,} (?:This is a copy of|Below this line is a copy)", re.MULTILINE)
# '550 5.1.1 nobody', or '550 nobody' behind a colon or at the begin of a line
_REPLY = re.compile(r"(?:(?<=: )|^[ \t]*)5\d\d[ -](?:[^\n]|\n(?=[ \t]+\S))*|\b5\d\d[ -]5\.\d[^\n]*", re.MULTILINE)

What = Literal["failed", "delayed", "delivered", "complained", "unsubscribed"]
_ACTIONS: dict[str, What] = {"failed": "failed", "delayed": "delayed", "delivered": "delivered"}
_FEEDBACK: dict[str, What] = {
    "abuse": "complained",
    "fraud": "complained",
    "virus": "complained",
    "opt-out": "unsubscribed",
    "opt-out-list": "unsubscribed",
}


class NotAReport(ValueError):
    """The mail is none, or cannot be read; the sentence says what it is instead."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What one returned mail says. `dead`: the address is not worth another try.

    `clues` are what may name the message: addresses and links found in it, of which only signed ones count.
    """

    what: What
    dead: bool = False
    reason: str = ""
    clues: tuple[str, ...] = field(default=(), repr=False)


def read_returned(mail: bytes) -> Returned:
    """What `mail` reports. Raises NotAReport, and nothing else."""
    mail = mail[:LARGEST]
    if len(_BOUNDARY.findall(mail)) > _MOST_NESTED:  # reading these takes the longer the deeper they lie
        raise NotAReport("it has parts within parts, and more of them than any report")
    try:
        message = message_from_bytes(mail)
        parts = [part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False)]
        for part in parts:
            kind = part.get_content_type()
            if kind in ("message/delivery-status", "message/global-delivery-status"):
                return _delivery(list(_groups(part)), _clues(parts))
            if kind == "message/feedback-report":
                return _feedback(next(_groups(part), {}), _clues(parts))
        if (said := _plain(message)) is not None:
            return said
        replied = str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied")
    except NotAReport:
        raise
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError) as fault:
        raise NotAReport(f"the mail cannot be read: {type(fault).__name__}") from None
    raise NotAReport("an automatic reply" if replied else "no delivery report is in it")


def _delivery(groups: list[dict[str, str]], clues: tuple[str, ...]) -> Returned:
    """The fate of its one recipient: we write to one at a time. The worst counts when there are several."""
    found = [each for each in groups if each.get("action", "").lower() in _ACTIONS]
    if not found:
        raise NotAReport("its report says for no recipient what became of the mail")
    order = list(_ACTIONS)
    worst = min(found, key=lambda each: order.index(each["action"].lower()))
    what = _ACTIONS[worst["action"].lower()]
    status, said = worst.get("status", ""), worst.get("diagnostic-code", "")
    reason = " ".join(f"{status} {said.partition(';')[2] or said}".split())[:300]
    return Returned(what, what == "failed" and is_dead(said, status), reason, clues)


def _plain(message: Message) -> Returned | None:
    """A report in words only, as qmail writes it and Exim used to; None when this is none."""
    raw = next((part for part in message.walk() if part.get_content_type() == "text/plain"), message).get_payload(
        decode=True
    )
    text = raw[:_MOST_TEXT].decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    if "X-Failed-Recipients" not in message and not _QMAIL.match(text):
        return None
    if _DELAYED.search(str(message.get("Subject", ""))):
        return Returned("delayed", reason="delayed")
    found = _REPLY.search(_COPY.split(text)[0])
    said = " ".join(found[0].split())[:300] if found is not None else ""
    return Returned("failed", is_dead(said), said or "no reason is given")


def _feedback(fields: dict[str, str], clues: tuple[str, ...]) -> Returned:
    kind = fields.get("feedback-type", "").lower()
    if kind not in _FEEDBACK:
        raise NotAReport(f"its feedback is '{kind[:40]}', which asks for nothing")
    who = fields.get("user-agent", "") or fields.get("reporting-mta", "")
    mail_from = (fields["original-mail-from"],) if "original-mail-from" in fields else ()
    return Returned(_FEEDBACK[kind], reason=" ".join(f"{kind} {who}".split())[:300], clues=(*mail_from, *clues))


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields in a report. The parser makes a message of each, or of the first with the others as its
    text, or leaves a text; and it leaves them as they were coded (RFC 6533 allows that)."""
    payload = part.get_payload()
    if isinstance(payload, list):
        unfolded = part.policy.clone(max_line_length=0)
        groups = [each for each in payload[:_MOST_PARTS] if isinstance(each, Message) and len(each) < _MOST_FIELDS]
        raw = b"\n\n".join(each.as_bytes(policy=unfolded) for each in groups)
        coded = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if coded in ("base64", "quoted-printable"):
            raw = b64decode(raw) if coded == "base64" else a2b_qp(raw)
    else:
        found = part.get_payload(decode=True)
        raw = found if isinstance(found, bytes) else str(payload).encode("utf-8", "replace")
    for block in re.split(rb"\n[ \t]*\n", raw[:_MOST_TEXT].replace(b"\r\n", b"\n"))[:_MOST_PARTS]:
        group = message_from_bytes(block.strip() + b"\n\n")
        yield {name.lower(): " ".join(_told(value).split()) for name, value in group.raw_items()}


def _told(value: str) -> str:
    """A field's text, its letters beyond ASCII as well."""
    return value.encode("ascii", "surrogateescape").decode("utf-8", "replace")


def _clues(parts: list[Message]) -> tuple[str, ...]:
    """Where the returned mail itself may show what we have signed: its own head, in a part of the report."""
    found: list[str] = []
    for part in parts:
        heads = [part]
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            raw = part.get_payload(decode=True)
            heads = [message_from_bytes(raw)] if isinstance(raw, bytes) else []
        for head in heads:
            for name in ("Return-Path", "List-Unsubscribe"):
                found += [str(value)[:2_500] for value in head.get_all(name, [])[:2]]
    return tuple(found[:20])
