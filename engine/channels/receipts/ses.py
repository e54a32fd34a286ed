"""Amazon SES: bounces, complaints, deliveries, openings and clicks, as a topic of SNS posts them.

The message is known by what SES called it when it took it, and by its own Message-ID where the notifications carry
the original headers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.channels.dead_address import exact_status, is_dead
from engine.channels.email import normalise
from engine.channels.providers.attempt import attempt_of
from engine.channels.receipts.post import Post, Reading, Unreadable, instant, text_of
from engine.channels.receipts.sns import checked, confirm
from engine.model.receipt import Happened, Odd, Receipt

SAYS: dict[str, Happened] = {
    "bounce": "bounced",
    "reject": "bounced",
    "complaint": "complained",
    "delivery": "delivered",
    "open": "opened",
    "click": "clicked",
}
NO_NEWS = frozenset({"send", "deliverydelay", "subscription"})
RECIPIENTS = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients"}
# Feedback of a mailbox provider that is no complaint of its customer.
NO_COMPLAINT = frozenset({"not-spam", "auth-failure"})


def read(post: Post, secrets: tuple[str, ...], now: float) -> Reading:
    """`secrets` are the ARNs of the topics that may post. Raises Forged and Unreadable."""
    envelope, reading = checked(post.body, secrets, now), Reading()
    kind = text_of(envelope, "Type", 40)
    if kind == "SubscriptionConfirmation":
        confirm(envelope)
    if kind != "Notification":
        reading.no_news += 1
        return reading
    try:
        said = json.loads(envelope["Message"])
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        if text_of(envelope, "Message", 40).startswith("Successfully validated SNS topic"):
            reading.no_news += 1  # what SES says when it is set up
            return reading
        raise Unreadable("its message is no notification of SES")
    _read(said, text_of(envelope, "MessageId", 100), reading)
    return reading


def _read(said: Mapping[str, Any], name: str, reading: Reading) -> None:
    word = (text_of(said, "notificationType", 40) or text_of(said, "eventType", 40)).lower().replace(" ", "")
    mail, about = _object(said, "mail"), _object(said, word)
    if word in NO_NEWS or text_of(about, "complaintFeedbackType", 40) in NO_COMPLAINT:
        reading.no_news += 1
        return
    message = _message(mail)
    if word not in SAYS:
        reading.odd.append(Odd("ses", name, word, message, f"SES's '{word}' means nothing here"))
        return
    listed = about.get(RECIPIENTS.get(word, ""))
    people = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    for index, who in enumerate(people or [{}]):
        status, diagnosis = text_of(who, "status", 20), text_of(who, "diagnosticCode", 300)
        why = [text_of(about, each, 60) for each in ("bounceType", "bounceSubType", "complaintFeedbackType", "reason")]
        reading.receipts.append(
            Receipt(
                "ses",
                f"{text_of(about, 'feedbackId', 200) or name}:{index}",
                SAYS[word],
                message,
                channel="email",
                at=instant(about.get("timestamp")),
                address=normalise(text_of(who, "emailAddress")) or "",
                hard=word == "bounce" and _gone(about, status, diagnosis),
                reason=" ".join(part for part in (*why, status, diagnosis) if part),
                link=text_of(about, "link", 2_000),
                provider_id=text_of(mail, "messageId", 200),
            )
        )


def _gone(about: Mapping[str, Any], status: str, diagnosis: str) -> bool:
    """Whether nobody is there: SES calls what a server refused for good permanent, whatever the reason was."""
    if text_of(about, "bounceType", 40) != "Permanent":
        return False
    special = text_of(about, "bounceSubType", 40) != "General"  # NoEmail, or on a list of dead addresses
    return special or not exact_status(diagnosis, status) or is_dead(diagnosis, status)


def _message(mail: Mapping[str, Any]) -> str:
    headers = mail.get("headers")
    for each in headers if isinstance(headers, list) else []:
        if isinstance(each, dict) and text_of(each, "name", 40).lower() == "message-id":
            return attempt_of(text_of(each, "value")) or ""
    return ""


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}
