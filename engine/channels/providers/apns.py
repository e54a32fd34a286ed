"""Push to Apple's devices (APNs over HTTP/2), with a provider token.

    apns://KEYID:TEAMID@api.push.apple.com?topic=com.example.shop&key=/etc/parcours/AuthKey.p8

`api.sandbox.push.apple.com` is for apps under development; `apns+http://` is for a stand-in.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from uuid import NAMESPACE_OID, uuid5

from engine.channels.providers.answers import not_sure, object_of, quoted, wait_of
from engine.channels.providers.credentials import Kept, Signer, read_key
from engine.channels.providers.fitting import Fitting
from engine.channels.providers.http2_post import Http2Poster
from engine.channels.providers.http_post import NoAnswer, NotSent
from engine.channels.push import APNS, read_address
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

RELEASED, DEVELOPED = "api.push.apple.com", "api.sandbox.push.apple.com"
REFRESH = 2_700  # seconds: Apple wants a token's age between 20 minutes and an hour
LARGEST = 4_096  # bytes of a notification
DEAD = frozenset({"ExpiredToken", "Unregistered"})
# a token that is none, or one of the other environment, or of another app
STRANGE = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic"})
# our own key, topic or pace: the message is good, and waits
OURS = frozenset(
    {
        "BadCertificate",
        "BadCertificateEnvironment",
        "BadEnvironmentKeyInToken",
        "ExpiredProviderToken",
        "Forbidden",
        "InvalidProviderToken",
        "MissingProviderToken",
        "TooManyProviderTokenUpdates",
        "BadTopic",
        "MissingTopic",
        "TopicDisallowed",
    }
)


class ApnsSender:
    """A `Sender` for push. Threads may share it. Raises SetupError when the URL or its key cannot be used."""

    name = APNS
    idempotent = False

    def __init__(
        self, url: str, *, clock: Callable[[], float], timeout: float = 10.0, tls: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        if not (parts.username and parts.password and parts.hostname) or given.keys() != {"topic", "key"}:
            raise SetupError(
                "The URL of APNs should read apns://KEYID:TEAMID@api.push.apple.com?topic=com.example.shop&key=/path.p8."
            )
        self._key, self._team = unquote(parts.username), unquote(parts.password)
        what = "The key of APNs"
        self._signer = Signer(read_key(Path(given["key"]), what), "ES256", what)
        self._topic, self._clock = given["topic"], clock
        self._access = Kept(self._grant)
        scheme = "http" if parts.scheme.endswith("+http") else "https"
        port = f":{parts.port}" if parts.port else ""
        self._poster = Http2Poster(f"{scheme}://{parts.hostname}{port}", timeout, tls)
        self._fitting = Fitting(
            f"Set up is {parts.hostname} with topic={self._topic}: released apps need {RELEASED}, those under "
            f"development {DEVELOPED}, and the topic is the app's bundle id."
        )

    def takes(self, address: str) -> bool:
        """Whether an address is one of Apple's."""
        found = read_address(address)
        return found is not None and found.service == APNS

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one notification; `provider_id` is its apns-id."""
        found = read_address(outgoing.address)
        if found is None or found.service != APNS:
            return SendOutcome("bad_address", "this is no token of APNs")
        body = payload(outgoing)
        if len(body) > LARGEST:
            return SendOutcome("refused", f"{len(body):,} bytes; APNs takes {LARGEST:,}")
        path = f"/3/device/{quote(found.token, safe='')}"
        again = SendOutcome("retry", "APNs refuses every provider token")
        token = found.token
        return self._send(path, token, outgoing, body) or self._send(path, token, outgoing, body) or again

    def close(self) -> None:
        """Close the connection; a later send opens a new one."""
        self._poster.close()

    def _send(self, path: str, device: str, outgoing: Outgoing, body: bytes) -> SendOutcome | None:
        """None: the provider token was too old, and the next one is new."""
        now = self._clock()
        token = self._access.get(now)
        headers = {
            "authorization": f"bearer {token}",
            "apns-id": str(uuid5(NAMESPACE_OID, outgoing.attempt_id)),
            "apns-topic": self._topic,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-collapse-id": outgoing.message_id[:64],
        }
        if outgoing.expires is not None:
            headers["apns-expiration"] = str(outgoing.expires // 1000)
        try:
            answer, said = self._poster.post(path, body, headers)
        except NotSent as fault:
            return SendOutcome("retry", str(fault))
        except NoAnswer as fault:
            return SendOutcome("unknown", str(fault))
        if answer.status == 200:
            self._fitting.accepted()
            return SendOutcome("accepted", provider_id=said.get("apns-id", "")[:200])
        reason = str(object_of(answer.body).get("reason", ""))
        if reason == "ExpiredProviderToken" and self._access.made_at < now:
            self._access.drop(token)
            return None
        if reason in STRANGE:
            return self._fitting.stranger(device, quoted(answer, reason))
        kind = _kind(answer.status, reason)
        wait = wait_of(answer.retry_after, now) if kind == "retry" else None
        # too many to this one device: the next message, to another, has no reason to wait
        return SendOutcome(kind, quoted(answer, reason), retry_after=wait, recipient=reason == "TooManyRequests")

    def _grant(self, now: float) -> tuple[str, float]:
        return self._signer.token({"iss": self._team, "iat": int(now)}, kid=self._key), now + REFRESH


def payload(outgoing: Outgoing) -> bytes:
    """The notification, and beside it what the app may want: `link` and `attempt_id`."""
    parts = outgoing.rendered.parts
    alert = {"title": parts.get("title", ""), "body": parts.get("body", "")}
    whole: dict[str, Any] = {"aps": {"alert": alert}, "attempt_id": outgoing.attempt_id}
    if parts.get("link"):
        whole["link"] = parts["link"]
    return json.dumps(whole, separators=(",", ":")).encode()


def _kind(status: int, reason: str) -> OutcomeKind:
    if status == 410 or reason in DEAD:
        return "bad_address"
    if not_sure(status):
        return "unknown"
    return "retry" if reason in OURS or status in (403, 408, 429) or status >= 500 else "refused"
