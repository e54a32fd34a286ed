"""Mail that comes back: delivery status notifications (RFC 3464) and complaints (RFC 5965), read with suspicion.

Anybody can write such a mail. So what it is about is never taken from its words, only from an address or a link
that we have signed; the words say no more than what happened.
"""

from __future__ import annotations

import re
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


def _feedback(fields: dict[str, str], clues: tuple[str, ...]) -> Returned:
    kind = fields.get("feedback-type", "").lower()
    if kind not in _FEEDBACK:
        raise NotAReport(f"its feedback is '{kind[:40]}', which asks for nothing")
    who = fields.get("user-agent", "") or fields.get("reporting-mta", "")
    mail_from = (fields["original-mail-from"],) if "original-mail-from" in fields else ()
    return Returned(_FEEDBACK[kind], reason=" ".join(f"{kind} {who}".split())[:300], clues=(*mail_from, *clues))


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields in a report: the parser makes a message of each, or leaves a text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for each in (group for group in payload if isinstance(group, Message)):
            yield {name.lower(): " ".join(str(value).split()) for name, value in each.items()}
        return
    raw = part.get_payload(decode=True)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(payload)
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        group = message_from_bytes(block.strip().encode("utf-8", "replace") + b"\n\n")
        yield {name.lower(): " ".join(str(value).split()) for name, value in group.items()}


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
