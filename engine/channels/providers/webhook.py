"""Any channel through a provider's (or one's own) HTTP endpoint: one signed JSON POST per message."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from engine.channels.providers.attempt import token
from engine.channels.providers.signature import key_of, signed_headers
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

if TYPE_CHECKING:
    import httpx

_ANSWER_LIMIT = 65_536  # bytes of an answer that are read; an id needs no more


class WebhookSender:
    """A `Sender` for one channel. Threads may share it.

    url         http:// or https://, taken as it is
    secret      'whsec_<base64>', shared with the receiver (Standard Webhooks)
    clock       seconds since the epoch: the wall clock, because a receiver refuses old signatures
    idempotent  the receiver promises to act once per `webhook-id` (= the attempt id)
    timeout     seconds, for connecting and for each read and write
    proxy       URL of a proxy; the environment is not asked
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
        proxy: str | None = None,
    ) -> None:
        import httpx  # 260 ms: only where a webhook is configured

        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL as fault:
            raise SetupError(f"The webhook URL of {channel} cannot be read: {fault}.") from None
        if self._url.scheme not in ("http", "https") or not self._url.host:
            raise SetupError(f"The webhook URL of {channel} should begin with https:// and name a host.")
        self.name = f"webhook:{channel}"
        self.idempotent = idempotent
        self._key = key_of(secret)
        self._clock = clock
        self._client = httpx.Client(
            timeout=timeout,
            proxy=proxy,
            trust_env=False,
            headers={"content-type": "application/json", "accept-encoding": "identity", "user-agent": "parcours"},
        )

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one message; `provider_id` is the answer's JSON `id`, when it has one."""
        import httpx

        now = self._clock()
        body = payload(outgoing)
        headers = signed_headers(self._key, token(outgoing.attempt_id), int(now), body)
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                return self._outcome(answer, now)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as fault:
            return SendOutcome("retry", f"cannot connect to {self._url.host}: {_told(fault)}")
        except (httpx.WriteError, httpx.WriteTimeout) as fault:
            return SendOutcome("retry", f"lost while sending: {_told(fault)}")
        except httpx.HTTPError as fault:  # it has the whole request, and nobody can say what it did with it
            return SendOutcome("unknown", f"no answer after the message was handed over: {_told(fault)}")

    def close(self) -> None:
        """Close the kept connections. The sender cannot be used afterwards."""
        self._client.close()

    def _outcome(self, answer: httpx.Response, now: float) -> SendOutcome:
        code = answer.status_code
        if 200 <= code < 300:
            return SendOutcome("accepted", provider_id=_identity(_read(answer)))
        said = " ".join(_read(answer).decode("utf-8", "replace").split())[:200]
        reason = f"HTTP {code} {said}".rstrip()
        wait = _retry_after(answer.headers.get("retry-after", ""), now) if code in (429, 503) else None
        return SendOutcome(self._verdict(code), reason, retry_after=wait)

    def _verdict(self, code: int) -> OutcomeKind:
        if code in (404, 410):
            return "bad_address"
        if code in (502, 504) and not self.idempotent:
            return "unknown"  # a gateway speaks; what stands behind it may have the message
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
    return json.dumps(whole, separators=(",", ":")).encode()  # ASCII: a lone surrogate cannot break it


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _read(answer: httpx.Response) -> bytes:
    """The answer's first part. What is wrong with a body does not change what the status said."""
    import httpx

    found = b""
    try:
        for piece in answer.iter_raw():
            found += piece
            if len(found) >= _ANSWER_LIMIT:
                break
    except httpx.HTTPError:
        return b""
    return found


def _identity(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    name = found.get("id") if isinstance(found, dict) else None
    return str(name)[:200] if isinstance(name, str | int) else ""


def _retry_after(text: str, now: float) -> float | None:
    """Seconds from now; the header holds seconds or a date."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _told(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
