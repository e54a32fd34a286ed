"""Any channel through a provider's (or one's own) HTTP endpoint: one signed JSON POST per message."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from engine.channels.providers.answers import not_sure, object_of, quoted, wait_of
from engine.channels.providers.attempt import token
from engine.channels.providers.http_post import Answer, NoAnswer, NotSent, Poster
from engine.channels.providers.signature import keys_of, signed_headers
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

_HEADERS = {"content-type": "application/json", "user-agent": "parcours"}


class WebhookSender:
    """A `Sender` for one channel. Threads may share it.

    url         http:// or https://; redirects are not followed, because the signature is for this URL
    secret      'whsec_<base64>', shared with the receiver (Standard Webhooks); a second one while it changes
    clock       seconds since the epoch: the wall clock, because a receiver refuses old signatures
    idempotent  the receiver promises to act once per `webhook-id` (= the attempt id)
    timeout     seconds, for connecting and for each read and write
    tls         for a private certificate authority; else the system's
    Raises SetupError when the URL or the secret cannot be used; connects on the first send.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        channel: str,
        *,
        clock: Callable[[], float],
        idempotent: bool = False,
        timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name = f"webhook:{channel}"
        self.idempotent = idempotent
        self._keys = keys_of(secret)
        self._clock = clock
        self._poster = Poster(url, timeout, tls)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one message; `provider_id` is the answer's JSON `id`, when it has one."""
        now = self._clock()
        body = payload(outgoing)
        signed = signed_headers(self._keys, token(outgoing.attempt_id), int(now), body)
        try:
            answer = self._poster.post(body, {**_HEADERS, **signed})
        except NotSent as fault:
            return SendOutcome("retry", str(fault))
        except NoAnswer as fault:
            return SendOutcome("unknown", str(fault))
        return self.verdict_of(answer, now, idempotent=self.idempotent)

    def close(self) -> None:
        """Close the kept connections; a later send opens a new one."""
        self._poster.close()

    @staticmethod
    def verdict_of(answer: Answer, now: float, *, idempotent: bool) -> SendOutcome:
        """What an HTTP answer means; `now` in seconds since the epoch, for a Retry-After that is a date."""
        code = answer.status
        if 200 <= code < 300:
            return SendOutcome("accepted", provider_id=_identity(answer.body), names="webhook")
        wait = wait_of(answer.retry_after, now) if code in (429, 503) else None
        return SendOutcome(_verdict(code, idempotent), quoted(answer), retry_after=wait)


def _verdict(code: int, idempotent: bool) -> OutcomeKind:
    if code in (404, 410):
        return "bad_address"
    if not_sure(code) and not idempotent:
        return "unknown"
    if code in (408, 429) or code >= 500:
        return "retry"
    return "refused"


def payload(outgoing: Outgoing) -> bytes:
    """The body: `{type, timestamp, data}`, as Standard Webhooks advises; instants in ISO 8601, UTC."""
    data = {
        "attempt_id": outgoing.attempt_id,
        "message_id": outgoing.message_id,
        "profile": outgoing.profile,
        "journey": outgoing.journey,
        "step": outgoing.step,
        "message": outgoing.message,
        "channel": outgoing.channel,
        "address": outgoing.address,
        "purpose": outgoing.purpose,
        "locale": outgoing.rendered.locale,
        "expires": None if outgoing.expires is None else _iso(outgoing.expires),
        "parts": outgoing.rendered.parts,
    }
    whole = {"type": "message.send", "timestamp": _iso(outgoing.at), "data": data}
    try:
        return msgspec.json.encode(whole)
    except UnicodeEncodeError:  # a lone surrogate, which ASCII can say
        return json.dumps(whole, separators=(",", ":")).encode()


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _identity(body: bytes) -> str:
    name = object_of(body).get("id")
    return str(name)[:200] if isinstance(name, str | int) else ""
