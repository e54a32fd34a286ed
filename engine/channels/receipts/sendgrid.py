"""SendGrid's event webhook: a list of what became of e-mails, signed with a key of its own (ECDSA).

The message is known by its Message-ID, which SendGrid quotes as `smtp-id`, or by an own argument `attempt_id`.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from engine.channels.email import normalise
from engine.channels.providers.attempt import attempt_of
from engine.channels.receipts.post import Forged, Post, Reading, Unreadable, known, text_of
from engine.model.errors import SetupError
from engine.model.receipt import Happened, Odd, Receipt

TOLERANCE = 600  # seconds that a signature is good for
NO_NEWS = frozenset({"processed", "deferred", "group_resubscribe", "account_status_change"})
SAYS: dict[str, Happened] = {
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
# Why SendGrid has not even tried, in its own words: what the address said before.
DROPPED: dict[str, Happened] = {"unsubscribed address": "unsubscribed", "spam reporting address": "complained"}


def read(post: Post, secrets: tuple[str, ...], now: float) -> Reading:
    """`secrets` are public keys, in base64, as SendGrid shows them. Raises Forged and Unreadable."""
    mark = post.headers.get("x-twilio-email-event-webhook-signature", "")
    sent = post.headers.get("x-twilio-email-event-webhook-timestamp", "")
    if not mark or not sent.isascii() or not sent.isdigit() or len(sent) > 12:
        raise Forged("the request is not signed: turn on the Signed Event Webhook")
    if abs(now - int(sent)) > TOLERANCE:
        raise Forged(f"its timestamp is more than {TOLERANCE} seconds from now")
    if not any(_fits(key, mark, sent.encode() + post.body) for key in secrets):
        raise Forged("the signature does not fit the body and PARCOURS_SENDGRID_KEY")
    try:
        found = json.loads(post.body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    if not isinstance(found, list):
        raise Unreadable("a list of events is wanted")
    reading = Reading()
    for each in found:
        _read(each if isinstance(each, dict) else {}, reading)
    return reading


def _read(each: Mapping[str, Any], reading: Reading) -> None:
    word, id_ = text_of(each, "event", 80), text_of(each, "sg_event_id", 200)
    message = text_of(each, "attempt_id") or attempt_of(text_of(each, "smtp-id")) or ""
    # a mail program that fetches every picture says nothing of whether somebody looked
    if word in NO_NEWS or each.get("sg_machine_open") is True:
        reading.no_news += 1
        return
    happened = known(word, SAYS)
    if happened is None or not id_:
        why = f"SendGrid's event '{word[:40]}' means nothing here" if id_ else "it has no sg_event_id"
        reading.odd.append(Odd("sendgrid", id_, word, message, why))
        return
    reason, at = text_of(each, "reason"), each.get("timestamp")
    if word == "dropped":
        happened = DROPPED.get(reason.strip().lower(), happened)
    reading.receipts.append(
        Receipt(
            "sendgrid",
            id_,
            happened,
            message,
            channel="email",
            at=int(at * 1000) if isinstance(at, int | float) and 1e9 < at < 1e11 else 0,
            address=normalise(each.get("email")) or "",
            hard=(word == "bounce" and each.get("type", "bounce") == "bounce") or reason.lower() == "bounced address",
            reason=" ".join(part for part in (text_of(each, "status", 20), reason) if part),
            link=text_of(each, "url", 2_000),
        )
    )


def _fits(key: str, mark: str, content: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ImportError:
        raise SetupError("Receipts of SendGrid need the extra: pip install 'parcours[providers]'.") from None
    try:
        public = load_der_public_key(b64decode(key))
    except ValueError:
        public = None
    if not isinstance(public, EllipticCurvePublicKey):
        raise SetupError("PARCOURS_SENDGRID_KEY should be the verification key that SendGrid shows: base64, one line.")
    try:
        public.verify(b64decode(mark, validate=True), content, ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
