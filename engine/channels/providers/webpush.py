"""Push to browsers (Web Push: RFC 8030, 8291, 8292): each subscription leads to its browser's own service.

    webpush:///etc/parcours/vapid.pem?subject=mailto:push@shop.example

The file is the private key (P-256, PEM) whose public half the page has subscribed with. Only the services of
the known browsers are called, because an address comes from outside; `&hosts=push.example` allows others.
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.channels.providers.answers import not_sure, quoted, wait_of
from engine.channels.providers.credentials import Kept, Signer, read_key
from engine.channels.providers.http_post import NoAnswer, NotSent, Poster
from engine.channels.providers.webpush_seal import LARGEST, Sealer
from engine.channels.push import WEBPUSH, PushAddress, read_address
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

KNOWN = ("fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")
LASTS = 12 * 3_600  # seconds of a token; a day is the most
EARLY = 600
LONGEST_TTL = 28 * 86_400  # seconds
MOST_ORIGINS = 64
WHAT = "The VAPID key"


class WebPushSender:
    """A `Sender` for push. Threads may share it. Raises SetupError when the URL or its key cannot be used."""

    name = WEBPUSH
    idempotent = False

    def __init__(self, url: str, *, clock: Callable[[], float], timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        subject = given.get("subject", "")
        if parts.netloc or not parts.path or not subject.startswith(("mailto:", "https://")):
            raise SetupError(
                "The URL of Web Push should read webpush:///path/of/vapid.pem?subject=mailto:push@shop.example."
            )
        if odd := sorted(given.keys() - {"subject", "hosts"}):
            raise SetupError(f"The URL of Web Push takes subject= and hosts=, not {odd[0]}=.")
        self._signer = Signer(read_key(Path(unquote(parts.path)), WHAT), "ES256", WHAT)
        self._seal = Sealer()
        self._public = urlsafe_b64encode(self._seal.point(self._signer.key)).rstrip(b"=").decode()
        self._subject, self._clock, self._timeout = subject, clock, timeout
        self._hosts = (*KNOWN, *given.get("hosts", "").split(",")) if given.get("hosts") else KNOWN
        self._plain = parts.scheme.endswith("+http")
        self._origins: OrderedDict[str, tuple[Poster, Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def takes(self, address: str) -> bool:
        """Whether an address is a browser's subscription."""
        found = read_address(address)
        return found is not None and found.service == WEBPUSH

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one message, encrypted for this browser; `provider_id` is where its service keeps it."""
        found, now = read_address(outgoing.address), self._clock()
        origin = self._origin(found) if found is not None and found.service == WEBPUSH else ""
        if found is None or not origin:
            return SendOutcome("refused", "this is no subscription at a known push service")
        text = payload(outgoing)
        if len(text) > LARGEST:
            return SendOutcome("refused", f"{len(text):,} bytes; push services take {LARGEST:,}")
        try:
            body = self._seal.seal(text, found.p256dh, found.auth)
        except ValueError as fault:
            return SendOutcome("bad_address", str(fault))
        ttl = LONGEST_TTL if outgoing.expires is None else (outgoing.expires - outgoing.at) // 1000
        try:
            poster, access = self._at(origin)
            headers = {
                "authorization": f"vapid t={access.get(now)}, k={self._public}",
                "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream",
                "ttl": str(min(max(0, ttl), LONGEST_TTL)),
                "topic": outgoing.message_id[-32:],
                "user-agent": "parcours",
            }
            parts = urlsplit(found.token)
            answer = poster.post(body, headers, parts.path + (f"?{parts.query}" if parts.query else ""))
        except (SetupError, NotSent) as fault:
            return SendOutcome("refused" if isinstance(fault, SetupError) else "retry", str(fault))
        except NoAnswer as fault:
            return SendOutcome("unknown", str(fault))
        if 200 <= answer.status < 300:
            return SendOutcome("accepted", provider_id=answer.location[:200])
        kind = _kind(answer.status)
        wait = wait_of(answer.retry_after, now) if kind == "retry" else None
        return SendOutcome(kind, quoted(answer), retry_after=wait, recipient=answer.status == 429)

    def close(self) -> None:
        """Close the kept connections; a later send opens new ones."""
        with self._lock:
            for poster, _ in self._origins.values():
                poster.close()

    def _origin(self, found: PushAddress) -> str:
        """https://host[:port] of an endpoint; '' where it leads to nobody we know."""
        try:
            parts = urlsplit(found.token)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return ""
        known = any(host == each or (each.startswith(".") and host.endswith(each)) for each in self._hosts)
        if not known or parts.username is not None or (parts.scheme != "https" and not self._plain):
            return ""
        return f"{parts.scheme}://{host}" + (f":{port}" if port else "")

    def _at(self, origin: str) -> tuple[Poster, Kept]:
        """The connections to one service, and our token for it."""
        with self._lock:
            if origin not in self._origins:
                self._origins[origin] = (Poster(origin, self._timeout), Kept(lambda now: self._grant(origin, now)))
                if len(self._origins) > MOST_ORIGINS:
                    self._origins.popitem(last=False)[1][0].close()
            self._origins.move_to_end(origin)
            return self._origins[origin]

    def _grant(self, origin: str, now: float) -> tuple[str, float]:
        claims = {"aud": origin, "exp": int(now) + LASTS, "sub": self._subject}
        return self._signer.token(claims, typ="JWT"), now + LASTS - EARLY


def payload(outgoing: Outgoing) -> bytes:
    """What the service worker of the page gets, as JSON."""
    parts = outgoing.rendered.parts
    shown = {name: parts.get(name, "") for name in ("title", "body", "link")}
    whole = {**shown, "message_id": outgoing.message_id, "attempt_id": outgoing.attempt_id}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _kind(status: int) -> OutcomeKind:
    if status in (404, 410):  # the browser has unsubscribed
        return "bad_address"
    if not_sure(status):
        return "unknown"
    return "retry" if status in (408, 429) or status >= 500 else "refused"
