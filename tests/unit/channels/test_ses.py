"""What Amazon SES reports by way of SNS: whose signature counts, where it may be fetched, what each report means."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from engine.channels.receipts import ses, sns
from engine.channels.receipts.post import Forged, Post, Reading, Unreadable

AT = datetime(2026, 4, 4, 10, 15, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123abc.pem"
WELCOME = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f"
ATTEMPT = "m07" + "a" * 24 + "-email-1"


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(65_537, 2_048)


@cache
def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key().public_key())
    made = made.serial_number(1).not_valid_before(AT - timedelta(days=30)).not_valid_after(AT + timedelta(days=30))
    return made.sign(key(), SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Amazon, as far as it is asked; what was fetched."""
    asked: list[str] = []

    def get(url: str) -> bytes:
        asked.append(url)
        return certificate()

    monkeypatch.setattr(sns, "_get", get)
    sns._certificate.cache_clear()
    return asked


def posted(said: Any, version: str = "2", then: dict[str, str] | None = None, **changed: str) -> bytes:
    """A post as SNS makes it; `then` is changed after it was signed."""
    post = {
        "Type": "Notification",
        "MessageId": "7f1b",
        "TopicArn": TOPIC,
        "Message": said if isinstance(said, str) else json.dumps(said),
        "Timestamp": "2026-04-04T10:14:59.123Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
        **changed,
    }
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{post[name]}\n" for name in names if name in post)
    mark = key().sign(text.encode(), PKCS1v15(), SHA256() if version == "2" else SHA1())
    return json.dumps({**post, "Signature": b64encode(mark).decode(), **(then or {})}).encode()


def read(body: bytes, now: datetime = AT, topics: tuple[str, ...] = ("arn:of:another", TOPIC)) -> Reading:
    return ses.read(Post("https://x", {}, body), topics, now.timestamp())


def notice(word: str, about: dict[str, Any], *, name: str = "notificationType", headers: bool = True) -> dict[str, Any]:
    mail: dict[str, Any] = {"messageId": "0102018f-000000", "source": "hello@fernhill.example"}
    if headers:
        mail["headers"] = [{"name": "Message-ID", "value": f"<{ATTEMPT}@fernhill.example>"}]
    found = {"timestamp": "2026-04-04T10:14:00.000Z", "feedbackId": "f1", **about}
    return {name: word, "mail": mail, word.lower(): found}


def bounce(kind: str, special: str, status: str, said: str) -> dict[str, Any]:
    who = {"emailAddress": "Ana@Fernhill.example", "status": status, "action": "failed", "diagnosticCode": said}
    return {"bounceType": kind, "bounceSubType": special, "bouncedRecipients": [who]}


@pytest.mark.parametrize(
    ("word", "about", "happened", "hard"),
    [
        ("Delivery", {"recipients": ["ana@fernhill.example"]}, "delivered", False),
        ("Bounce", bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 <ana>... User unknown"), "bounced", True),
        ("Bounce", bounce("Permanent", "NoEmail", "5.0.0", "smtp; 550 gone"), "bounced", True),
        ("Bounce", bounce("Permanent", "OnAccountSuppressionList", "5.1.1", ""), "bounced", True),
        ("Bounce", bounce("Permanent", "General", "", ""), "bounced", True),
        # a policy is no dead address, whatever SES calls it
        ("Bounce", bounce("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 spam"), "bounced", False),
        ("Bounce", bounce("Transient", "MailboxFull", "5.2.2", "smtp; 552 5.2.2 full"), "bounced", False),
        ("Bounce", bounce("Undetermined", "Undetermined", "", ""), "bounced", False),
        ("Complaint", {"complainedRecipients": [{"emailAddress": "ana@fernhill.example"}]}, "complained", False),
        ("Open", {"userAgent": "Mail"}, "opened", False),
        ("Click", {"link": "https://shop.example/"}, "clicked", False),
        ("Reject", {"reason": "Bad content"}, "bounced", False),
    ],
)
def test_a_notification_is_a_receipt(
    fetched: list[str], word: str, about: dict[str, Any], happened: str, hard: bool
) -> None:
    published = "notificationType" if word in ("Delivery", "Bounce", "Complaint") else "eventType"
    (receipt,) = read(posted(notice(word, about, name=published))).receipts
    assert (receipt.happened, receipt.hard, receipt.message, receipt.id) == (happened, hard, ATTEMPT, "f1:0")
    assert receipt.at == 1_775_297_640_000
    assert receipt.provider_id == "0102018f-000000"
    assert receipt.address == ("ana@fernhill.example" if word in ("Bounce", "Complaint") else "")
    # by SES's own name of it alone
    (bare,) = read(posted(notice(word, about, name=published, headers=False), version="1")).receipts
    assert (bare.message, bare.provider_id) == ("", "0102018f-000000")
    assert fetched == [CERTIFICATE]  # once


def test_what_says_nothing(fetched: list[str]) -> None:
    for said in (
        notice("Send", {}),
        notice("DeliveryDelay", {"delayType": "SpamDetected"}),
        notice("Complaint", {"complaintFeedbackType": "not-spam"}),
        "Successfully validated SNS topic for Amazon SES event publishing.",
    ):
        assert (read(posted(said)).no_news, read(posted(said)).receipts) == (1, [])
    assert read(posted(notice("Rendering Failure", {}))).odd[0].what == "renderingfailure"
    for said in ("no json", "[" * 100_000, "[]"):
        with pytest.raises(Unreadable):
            read(posted(said))
    for body in (b"", b"[]", b"[" * 100_000):
        with pytest.raises(Unreadable):
            read(body)


GOOD = notice("Delivery", {})
FORGED: dict[str, Callable[[], bytes | tuple[bytes, datetime]]] = {
    "of another topic": lambda: posted(GOOD, TopicArn=TOPIC + "2"),
    "of no topic": lambda: b"{}",
    "changed afterwards": lambda: posted(GOOD, then={"Message": json.dumps(notice("Complaint", {}))}),
    "with another subject": lambda: posted(GOOD, then={"Subject": "x"}),
    "with no mark": lambda: posted(GOOD, then={"Signature": ""}),
    "with a mark that is none": lambda: posted(GOOD, then={"Signature": "%%"}),
    "by another way of signing": lambda: posted(GOOD, then={"SignatureVersion": "1"}),
    "not of text": lambda: json.dumps({"TopicArn": TOPIC, "Message": 1, "SigningCertURL": CERTIFICATE}).encode(),
    "too old": lambda: (posted(GOOD), AT + timedelta(days=1, minutes=1)),
    "when its certificate is over": lambda: (posted(GOOD, Timestamp="2026-06-04T10:14:59Z"), AT + timedelta(days=61)),
    "with a certificate of somebody else": lambda: posted(GOOD, SigningCertURL="https://evil.example/SimpleNotificationService-1.pem"),
    "with one of another region": lambda: posted(GOOD, SigningCertURL=CERTIFICATE.replace("eu-west-1", "us-east-1")),
    "without encryption": lambda: posted(GOOD, SigningCertURL=CERTIFICATE.replace("https", "http")),
    "by a user name": lambda: posted(GOOD, SigningCertURL="https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem"),
    "by another file": lambda: posted(GOOD, SigningCertURL=f"{HOST}/latest/meta-data.pem"),
}  # fmt: skip


@pytest.mark.parametrize("how", FORGED)
def test_what_the_topic_has_not_signed_is_not_read(fetched: list[str], how: str) -> None:
    given = FORGED[how]()
    body, now = given if isinstance(given, tuple) else (given, AT)
    with pytest.raises(Forged):
        read(body, now)
    assert set(fetched) <= {CERTIFICATE}


def test_a_topic_of_ours_is_told_that_it_is_welcome(fetched: list[str]) -> None:
    asks: Any = {"Type": "SubscriptionConfirmation", "Token": "2336412f"}
    assert read(posted("Confirm?", **asks, SubscribeURL=WELCOME)).no_news == 1
    assert fetched == [CERTIFICATE, WELCOME]
    for url in ("https://evil.example/?Action=ConfirmSubscription&x", f"{HOST}/?Action=DeleteTopic&x"):
        with pytest.raises(Forged):
            read(posted("Confirm?", **asks, SubscribeURL=url))
    assert read(posted("Bye", Type="UnsubscribeConfirmation", Token="t", SubscribeURL=WELCOME)).no_news == 1
    assert fetched == [CERTIFICATE, WELCOME]


def test_while_amazon_is_away_it_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sns._certificate.cache_clear()
    # a server that is not there, and another request that is being made
    monkeypatch.setattr(sns, "HTTPSConnection", lambda host, timeout: (_ for _ in ()).throw(AssertionError(host)))
    with sns._fetching, pytest.raises(Unreadable, match="come again"):
        read(posted(GOOD))

    class Away:
        def __init__(self, host: str, timeout: float) -> None: ...
        def request(self, method: str, path: str) -> None:
            raise OSError("no route")

        def close(self) -> None: ...

    monkeypatch.setattr(sns, "HTTPSConnection", Away)
    with pytest.raises(Unreadable, match="no route"):
        read(posted(GOOD))
    assert not sns._fetching.locked()
