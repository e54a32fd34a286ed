"""What providers report, read in their own formats: signatures, meanings, and what cannot be believed."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks import Webhook

from engine.channels.receipts import sendgrid, standard, twilio
from engine.channels.receipts.post import Forged, Post, Reading, Unreadable
from engine.channels.receipts.words import meaning
from engine.model.errors import SetupError

NOW = 1_775_297_700.0
URL = "https://parcours.example/v1/receipts/twilio?message=m00-sms-1"
ATTEMPT = "m07" + "a" * 24 + "-sms-1"


def from_twilio(url: str = URL, token: str = "t", mark: str = "", **form: str) -> Reading:
    signed = mark or twilio.signature(url, list(form.items()), token)
    return twilio.read(Post(url, {"x-twilio-signature": signed}, urlencode(form).encode()), ("old", "t"), NOW)


def test_the_signature_of_twilio_is_the_published_one() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.signature(url, list(form.items()), "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("status", "code", "happened", "hard"),
    [
        ("delivered", "", "delivered", False),
        ("read", "", "opened", False),
        ("undelivered", "30003", "bounced", False),  # switched off
        ("undelivered", "30005", "bounced", True),  # nobody has this number
        ("failed", "30006", "bounced", True),  # a landline
        ("failed", "21610", "unsubscribed", False),
    ],
)
def test_a_status_of_twilio_is_a_receipt(status: str, code: str, happened: str, hard: bool) -> None:
    url = URL.replace("m00-sms-1", ATTEMPT)
    found = from_twilio(url, MessageSid="SM1", MessageStatus=status, ErrorCode=code, To="+33612345678")
    (receipt,) = found.receipts
    assert (receipt.happened, receipt.hard, receipt.message, receipt.address) == (
        happened,
        hard,
        ATTEMPT,
        "+33612345678",
    )
    assert receipt.id == f"SM1:{status}"


def test_what_is_under_way_is_no_news_and_what_is_unknown_is_odd() -> None:
    assert from_twilio(MessageSid="SM1", MessageStatus="sent").no_news == 1
    (odd,) = from_twilio(MessageSid="SM1", MessageStatus="teleported").odd
    assert (odd.id, odd.what) == ("SM1", "teleported")


@pytest.mark.parametrize("wrong", [{"mark": "bm8="}, {"token": "other"}, {"mark": "é"}])
def test_a_status_that_twilio_has_not_signed_is_not_read(wrong: dict[str, str]) -> None:
    with pytest.raises(Forged):
        from_twilio(MessageSid="SM1", MessageStatus="delivered", **wrong)
    with pytest.raises(Forged):
        twilio.read(Post(URL, {}, b"MessageStatus=delivered"), ("t",), NOW)
    with pytest.raises(Forged):  # nobody is known by no secret
        twilio.read(Post(URL, {"x-twilio-signature": twilio.signature(URL, [], "")}, b""), (), NOW)


@pytest.mark.parametrize(
    ("text", "means", "locale"),
    [
        ("STOP", "stop", "en"), (" stop. ", "stop", "en"), ("Stop all", "stop", "en"), ("stop sms svp", "stop", "en"),
        ("ARRÊT", "stop", "fr"), ("Désabonner", "stop", "fr"), ("baja", "stop", "es"), ("Abmelden!", "stop", "de"),
        ("unsubscribe", "stop", "en"), ("START", "start", "en"), ("aide ?", "help", "fr"), ("INFO", "help", "en"),
        ("S.T.O.P", "stop", "en"), ("please stop", "stop", "en"), ("Opt out please", "stop", "en"),
        ("stop sms svp merci", "stop", "en"), ("Arrêtez SVP", "stop", "fr"), ("Stop 🛑", "stop", "en"),
        ("\u202eSTOP\u200b", "stop", "en"), ("\uff33\uff34\uff2f\uff30", "stop", "en"), ("don't stop", "", ""),
        ("please", "", ""), ("i n f o", "help", "en"),
        ("Please stop by the shop on Monday", "", ""), ("end of month", "", ""), ("", "", ""), ("🙂", "", ""),
        ("x" * 100_000, "", ""), ("the end", "", ""), ("cancel my order", "", ""),
    ],
)  # fmt: skip
def test_what_a_word_means(text: str, means: str, locale: str) -> None:
    assert meaning(text) == (means, locale)


def test_a_text_to_twilio_is_a_word() -> None:
    (word,) = from_twilio(SmsSid="SM2", SmsStatus="received", From="+33612345678", Body="Arrêt").words
    assert (word.means, word.address, word.locale, word.answered) == ("stop", "+33612345678", "fr", False)
    (word,) = from_twilio(MessageSid="SM3", From="+33612345678", Body="hm", OptOutType="STOP").words
    assert (word.means, word.answered) == ("stop", True)
    (word,) = from_twilio(MessageSid="SM4", From="+33612345678", Body=" Oui,\r\nmerci\x00\u2028! ").words
    assert (word.means, word.text) == ("", "Oui,\nmerci !")
    assert from_twilio(MessageSid="SM6", From="+33612345678", Body="", NumMedia="1").no_news == 1
    assert len(from_twilio(MessageSid="SM7", From="+33612345678", Body="x" * 90_000).words[0].text) == 1_600
    assert from_twilio(MessageSid="SM5", From="36180", Body="STOP").odd[0].id == "SM5"


SECRET = "whsec_" + b64encode(b"k" * 32).decode()
OLD = "whsec_" + b64encode(b"o" * 32).decode()


def from_webhook(body: Any, secret: str = SECRET, at: float = NOW, **headers: str) -> Reading:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    mark = Webhook(secret).sign("w1", datetime.fromtimestamp(at, UTC), raw.decode())
    given = {"webhook-id": "w1", "webhook-timestamp": str(int(at)), "webhook-signature": mark, **headers}
    return standard.read(Post("https://x", given, raw), (f"{SECRET} {OLD}",), NOW)


def test_a_report_in_our_own_words() -> None:
    data = {"attempt_id": ATTEMPT, "kind": "hard", "reason": "gone", "address": "+33612345678"}
    bounced = {"type": "message.bounced", "timestamp": "2026-04-04T10:14:00Z", "data": data}
    clicked = {"type": "message.clicked", "data": {"message_id": "m1", "link": "https://shop.example/"}}
    word = {"type": "message.received", "data": {"address": "+33612345678", "text": "STOP"}}
    reply = {"type": "message.received", "data": {"address": "+33612345678", "text": "A bit later, please"}}
    odd = {"type": "message.sent", "data": {"attempt_id": "m2"}}
    found = from_webhook([bounced, clicked, word, reply, odd, None, {"type": "message.opened", "data": 3}], OLD)
    first, second, third = found.receipts
    assert (first.happened, first.hard, first.at, first.reason) == ("bounced", True, 1_775_297_640_000, "gone")
    assert (second.happened, second.message, second.link, second.at) == ("clicked", "m1", "https://shop.example/", 0)
    assert third.message == ""
    assert [(each.means, each.text) for each in found.words] == [("stop", ""), ("", "A bit later, please")]
    assert [each.message for each in found.odd] == ["m2", ""]
    assert len({each.id for each in found.receipts} | {each.id for each in found.words}) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + b64encode(b"x" * 32).decode()},
        {"at": NOW - 301},
        {"at": NOW + 301},
        {"webhook-id": "w2"},
        {"webhook-timestamp": "²"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é v2,x"},
    ],
)
def test_a_report_that_is_not_signed_now_is_not_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        from_webhook({"type": "message.delivered"}, **wrong)


@pytest.mark.parametrize("body", [b"no json", b"[" * 100_000, [{}] * 1_001])
def test_a_signed_body_that_is_nothing_is_said_to_be(body: Any) -> None:
    with pytest.raises(Unreadable):
        from_webhook(body)


PRIVATE = generate_private_key(SECP256R1())
PUBLIC = b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def from_sendgrid(*events: Any, at: float = NOW, key: str = PUBLIC, mark: str | None = None) -> Reading:
    raw, sent = json.dumps(events).encode(), str(int(at))
    signed = b64encode(PRIVATE.sign(sent.encode() + raw, ECDSA(SHA256()))).decode()
    name = "x-twilio-email-event-webhook"
    headers = {f"{name}-signature": signed if mark is None else mark, f"{name}-timestamp": sent}
    return sendgrid.read(Post("https://x", headers, raw), (key,), NOW)


@pytest.mark.parametrize(
    ("event", "happened", "hard"),
    [
        ({"event": "delivered"}, "delivered", False),
        ({"event": "open", "sg_machine_open": False}, "opened", False),
        ({"event": "click", "url": "https://shop.example/"}, "clicked", False),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "no such user"}, "bounced", True),
        ({"event": "bounce", "type": "blocked", "status": "4.7.1"}, "bounced", False),
        ({"event": "dropped", "reason": "Bounced Address"}, "bounced", True),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "unsubscribed", False),
        ({"event": "spamreport"}, "complained", False),
        ({"event": "group_unsubscribe", "asm_group_id": 1}, "unsubscribed", False),
    ],
)
def test_an_event_of_sendgrid_is_a_receipt(event: dict[str, Any], happened: str, hard: bool) -> None:
    quoted = {"smtp-id": f"<{ATTEMPT}@fernhill.example>", "email": "Ana@Fernhill.example", "sg_event_id": "g1"}
    (receipt,) = from_sendgrid({**event, **quoted, "timestamp": 1_775_297_000}).receipts
    assert (receipt.happened, receipt.hard, receipt.id) == (happened, hard, "g1")
    assert (receipt.message, receipt.address, receipt.at) == (ATTEMPT, "ana@fernhill.example", 1_775_297_000_000)


def test_what_says_nothing_at_sendgrid() -> None:
    found = from_sendgrid(
        {"event": "processed"},
        {"event": "deferred"},
        {"event": "open", "sg_machine_open": True, "sg_event_id": "g2"},
        {"event": "telepathy", "sg_event_id": "g3"},
        {"event": "open"},
        7,
    )
    assert (found.receipts, found.no_news) == ([], 3)
    assert [each.id for each in found.odd] == ["g3", "", ""]


@pytest.mark.parametrize("wrong", [{"mark": "bm8="}, {"mark": ""}, {"mark": "%"}, {"at": NOW - 601}])
def test_what_sendgrid_has_not_signed_is_not_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        from_sendgrid({"event": "open"}, **wrong)


def test_a_key_that_is_none_is_said_to_be() -> None:
    with pytest.raises(SetupError, match="PARCOURS_SENDGRID_KEY"):
        from_sendgrid(key="bm8=")
