"""Twilio: status callbacks of messages, and text messages that customers write.

Signed with the account's token over the URL and the sorted form (X-Twilio-Signature).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha1
from urllib.parse import parse_qsl, urlsplit

from engine.channels.providers.attempt import attempt_of
from engine.channels.providers.twilio import HAS_REFUSED, NO_SUCH_NUMBER
from engine.channels.receipts.post import Forged, Post, Reading
from engine.channels.receipts.words import meaning, one_text
from engine.channels.sms import normalise
from engine.model.receipt import Happened, Means, Odd, Receipt, Word

NO_NEWS = frozenset({"accepted", "scheduled", "queued", "sending", "sent", "canceled", "receiving"})
FAILED = frozenset({"undelivered", "failed"})
OPT_OUTS: dict[str, Means] = {"stop": "stop", "start": "start", "help": "help"}
SAYS: dict[str, Happened] = {"delivered": "delivered", "read": "opened"}


def read(post: Post, secrets: tuple[str, ...], now: float) -> Reading:
    """`secrets` are the tokens of the accounts that we send by. Raises Forged."""
    form = parse_qsl(post.body.decode("utf-8", "replace"), keep_blank_values=True)
    given = post.headers.get("x-twilio-signature", "")
    if not given:
        raise Forged("the request has no X-Twilio-Signature")
    marks = [signature(post.url, form, secret) for secret in secrets]
    if not sum(hmac.compare_digest(mark.encode(), given.encode("utf-8", "replace")) for mark in marks):
        raise Forged("X-Twilio-Signature does not fit the URL, the form and the account's token")
    said = dict(form)
    reading = Reading()
    if said.get("SmsStatus", said.get("MessageStatus")) == "received" or "Body" in said:
        _heard(said, reading)
    else:
        _status(post, said, reading)
    return reading


def signature(url: str, form: list[tuple[str, str]], secret: str) -> str:
    """What Twilio writes into X-Twilio-Signature."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return b64encode(hmac.new(secret.encode(), text.encode(), sha1).digest()).decode()


def _status(post: Post, said: dict[str, str], reading: Reading) -> None:
    status = said.get("MessageStatus", said.get("SmsStatus", "")).lower()
    sid = said.get("MessageSid", said.get("SmsSid", ""))
    about = dict(parse_qsl(urlsplit(post.url).query)).get("message", "")
    message = attempt_of(f"{about}@") or ""
    if status in NO_NEWS:
        reading.no_news += 1
        return
    code = int(said["ErrorCode"]) if said.get("ErrorCode", "").isdigit() else 0
    happened = SAYS.get(status, "unsubscribed" if code == HAS_REFUSED else "bounced" if status in FAILED else None)
    if happened is None:
        reading.odd.append(Odd("twilio", sid, status, message, f"Twilio's status '{status[:40]}' means nothing here"))
        return
    reading.receipts.append(
        Receipt(
            "twilio",
            f"{sid}:{status}",
            happened,
            message,
            channel="sms",
            address=normalise(said.get("To", "")) or "",
            hard=code in NO_SUCH_NUMBER,
            reason=f"{status} {code} {said.get('ErrorMessage', '')}".strip() if status in FAILED else "",
            provider_id=sid,
        )
    )


def _heard(said: dict[str, str], reading: Reading) -> None:
    sid, sender = said.get("MessageSid", said.get("SmsSid", "")), normalise(said.get("From", ""))
    found = meaning(said.get("Body", ""))
    # where Twilio has understood it itself, it has answered as well
    answered = OPT_OUTS.get(said.get("OptOutType", "").lower())
    means = answered or found.means
    if sender is None:
        reading.odd.append(Odd("twilio", sid, means or "a text", "", "its sender is no telephone number"))
    elif not (means or (text := one_text(said.get("Body", "")))):
        reading.no_news += 1  # a picture
    elif means:
        reading.words.append(Word("twilio", sid, "sms", sender, means, found.locale, answered=answered is not None))
    else:
        reading.words.append(Word("twilio", sid, "sms", sender, "", text=text))
