"""Reports in our own words, signed as Standard Webhooks says: for every provider behind a webhook.

    {"type": "message.bounced", "timestamp": "...", "data": {"attempt_id": "m...", "kind": "hard"}}

A list of such objects is taken, too. `message.received` with `address` and `text` is what a customer wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from engine.channels.providers.signature import keys_of, signed
from engine.channels.receipts.post import Forged, Post, Reading, Unreadable, instant, known, text_of
from engine.channels.receipts.words import LONGEST, meaning, one_text
from engine.channels.sms import normalise
from engine.model.receipt import Happened, Odd, Receipt, Word

SOURCE = "webhook"
TOLERANCE = 300  # seconds that a signature is good for
MOST = 1_000
SAYS: dict[str, Happened] = {f"message.{each}": each for each in get_args(Happened)}


def read(post: Post, secrets: tuple[str, ...], now: float) -> Reading:
    """`secrets` as PARCOURS_WEBHOOK_SECRET. Raises Forged and Unreadable."""
    name = post.headers.get("webhook-id", "")
    sent = post.headers.get("webhook-timestamp", "")
    if not name or not sent.isascii() or not sent.isdigit() or len(sent) > 12:
        raise Forged("webhook-id, webhook-timestamp and webhook-signature are wanted, as Standard Webhooks says")
    if abs(now - int(sent)) > TOLERANCE:
        raise Forged(f"webhook-timestamp is more than {TOLERANCE} seconds from now")
    marks = post.headers.get("webhook-signature", "")
    if not signed([key for each in secrets for key in keys_of(each)], name, sent, post.body, marks):
        raise Forged("webhook-signature does not fit the body and PARCOURS_WEBHOOK_SECRET")
    try:
        found = json.loads(post.body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    listed = found if isinstance(found, list) else [found]
    if len(listed) > MOST:
        raise Unreadable(f"{len(listed):,} reports in one request; {MOST:,} are the most")
    reading = Reading()
    for index, each in enumerate(listed):
        _read(each, f"{name}:{index}", reading)
    return reading


def _read(each: Any, id_: str, reading: Reading) -> None:
    said: Mapping[str, Any] = each if isinstance(each, dict) else {}
    data: Mapping[str, Any] = said["data"] if isinstance(said.get("data"), dict) else {}
    word, message = text_of(said, "type", 80), text_of(data, "attempt_id") or text_of(data, "message_id")
    happened = known(word, SAYS)
    if word == "message.received":
        _heard(data, id_, reading)
    elif happened is None:
        reading.odd.append(Odd(SOURCE, id_, word, message, f"the type '{word[:40]}' means nothing here"))
    else:
        reading.receipts.append(
            Receipt(
                SOURCE,
                id_,
                happened,
                message,
                channel=text_of(data, "channel", 20),
                at=instant(said.get("timestamp")),
                address=text_of(data, "address"),
                hard=data.get("kind") == "hard",
                reason=text_of(data, "reason"),
                link=text_of(data, "link", 2_000),
                purpose=text_of(data, "purpose", 80),
                provider_id=text_of(data, "provider_id", 200),
            )
        )


def _heard(data: Mapping[str, Any], id_: str, reading: Reading) -> None:
    said = text_of(data, "text", LONGEST)
    sender, found, text = normalise(text_of(data, "address")), meaning(said), one_text(said)
    if sender is None:
        reading.odd.append(Odd(SOURCE, id_, "message.received", "", "its address is no telephone number"))
    elif found.means:
        reading.words.append(Word(SOURCE, id_, "sms", sender, found.means, found.locale))
    elif text:
        reading.words.append(Word(SOURCE, id_, "sms", sender, "", text=text))
    else:
        reading.no_news += 1
