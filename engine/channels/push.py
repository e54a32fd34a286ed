"""Push: a title, a line or two, and the place in the app that a tap opens.

The address says which service it is for: `apns:<token>`, `fcm:<token>`, or what a browser gives as its
subscription, in JSON. A token without a word before it is Apple's when it has its form, else FCM's.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import NamedTuple

from engine.channels.channel import Channel, plain_text

APNS, FCM, WEBPUSH = "apns", "fcm", "webpush"
LONGEST = 4_096  # characters; the longest token of any service has a few hundred
_APPLES = re.compile(r"[0-9a-fA-F]{64,200}")
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")


class PushAddress(NamedTuple):
    """Where one device is reached: a token of `service`; for a browser `token` is the endpoint, and its keys."""

    service: str
    token: str
    p256dh: str = ""
    auth: str = ""


def read_address(value: object) -> PushAddress | None:
    """What an address means; None when it cannot be one. Never raises."""
    if isinstance(value, str) and len(value) <= LONGEST and value.lstrip().startswith("{"):
        return _subscription(value)
    text = plain_text(value)
    if text is None or len(text) > LONGEST:
        return None
    word, colon, rest = text.partition(":")
    if colon and word in (APNS, FCM):
        return PushAddress(word, rest) if rest and " " not in rest else None
    return PushAddress(APNS if _APPLES.fullmatch(text) else FCM, text)


def normalise(value: object) -> str | None:
    """The one spelling of an address: a subscription without what does not count, a token as it is."""
    found = read_address(value)
    if found is None:
        return None
    if found.service == WEBPUSH:
        whole = {"endpoint": found.token, "keys": {"auth": found.auth, "p256dh": found.p256dh}}
        return json.dumps(whole, separators=(",", ":"))
    return plain_text(value)


def _subscription(text: str) -> PushAddress | None:
    """A browser's subscription: {endpoint, keys: {p256dh, auth}}, whatever else it holds."""
    try:
        found = json.loads(text)
        endpoint, p256dh, auth = found["endpoint"], found["keys"]["p256dh"], found["keys"]["auth"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (isinstance(endpoint, str) and isinstance(p256dh, str) and isinstance(auth, str)):
        return None
    keys = (p256dh.rstrip("="), auth.rstrip("="))
    if plain_text(endpoint) != endpoint or not all(_BASE64.fullmatch(key) for key in keys):
        return None
    return PushAddress(WEBPUSH, endpoint, *keys) if endpoint.startswith(("https://", "http://")) else None


PUSH = Channel(
    name="push",
    address="push_token",
    parts=("title", "body", "link"),
    normalise=normalise,
    reports_open=True,
    limits=MappingProxyType({"title": 65, "body": 178}),
)
