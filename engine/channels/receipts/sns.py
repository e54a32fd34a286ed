"""Amazon's notification service (SNS): what a topic posts, checked by the certificate that Amazon signs with.

The certificate is fetched once, from Amazon's own host in the topic's region and from nowhere else. A topic that wants
to know whether its posts are welcome is answered, if it is one of ours.
"""

from __future__ import annotations

import binascii
import json
import re
import threading
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from http.client import HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from engine.channels.receipts.post import Forged, Unreadable, text_of
from engine.model.errors import SetupError

TOLERANCE = 86_400  # seconds: so long may a post be on its way, with all its repetitions
SECONDS, LARGEST = 5.0, 65_536  # of what is fetched
_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HOST = r"https://sns\.([a-z0-9-]{3,30})\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")
_CONFIRM = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[!-~]{1,2000}")
_fetching = threading.Lock()


def checked(body: bytes, topics: Sequence[str], now: float) -> dict[str, Any]:
    """The post of one of `topics` (their ARNs), once its signature holds; `now` in seconds.

    Raises Forged and Unreadable.
    """
    try:
        post = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON: turn raw message delivery off, which nobody signs") from None
    if not isinstance(post, dict):
        raise Unreadable("the body is no notification of SNS")
    if text_of(post, "TopicArn") not in topics:
        raise Forged("its topic is none of PARCOURS_SES_TOPIC")
    if not _fits(post, now):
        raise Forged("the signature does not fit what it signs")
    if abs(_seconds(text_of(post, "Timestamp", 40)) - now) > TOLERANCE:
        raise Forged("it is more than a day old")
    return post


def confirm(post: dict[str, Any]) -> None:
    """Tell a topic, whose post was checked, that its posts are welcome. Raises Unreadable, so that it asks again."""
    _get(_allowed(_CONFIRM, post, "SubscribeURL"))


def _fits(post: dict[str, Any], now: float) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256
        from cryptography.x509 import load_pem_x509_certificate
    except ImportError:
        raise SetupError("Receipts of SES need the extra: pip install 'parcours[providers]'.") from None
    wanted = [name for name in _SIGNED if name in post and (name != "Subject" or post.get("Type") == "Notification")]
    if not all(isinstance(post[name], str) for name in wanted):
        return False
    try:
        certificate = load_pem_x509_certificate(_certificate(_allowed(_CERTIFICATE, post, "SigningCertURL")))
    except ValueError:
        raise Unreadable("Amazon's certificate cannot be read") from None
    key = certificate.public_key()
    if not certificate.not_valid_before_utc.timestamp() <= now <= certificate.not_valid_after_utc.timestamp():
        return False
    content = "".join(f"{name}\n{post[name]}\n" for name in wanted)
    digest = SHA256() if text_of(post, "SignatureVersion", 5) == "2" else SHA1()
    try:
        assert isinstance(key, RSAPublicKey)
        mark = b64decode(text_of(post, "Signature", 2_000), validate=True)
        key.verify(mark, content.encode("utf-8", "replace"), PKCS1v15(), digest)
    except (InvalidSignature, binascii.Error, ValueError, AssertionError):
        return False
    return True


def _allowed(pattern: re.Pattern[str], post: dict[str, Any], name: str) -> str:
    """The URL in a post, if it leads to Amazon in the region of its topic. Raises Forged."""
    url, region = text_of(post, name, 3_000), text_of(post, "TopicArn").split(":")[3:4]
    found = pattern.fullmatch(url)
    if found is None or [found[1]] != region:
        raise Forged(f"its {name} leads to somewhere else than Amazon")
    return url


@lru_cache(maxsize=16)
def _certificate(url: str) -> bytes:
    return _get(url)


def _get(url: str) -> bytes:
    """What Amazon answers. One at a time: whoever posts nonsense keeps no more than one of us busy."""
    if not _fetching.acquire(blocking=False):
        raise Unreadable("Amazon is just being asked for something else: come again")
    try:
        parts = urlsplit(url)
        link = HTTPSConnection(str(parts.hostname), timeout=SECONDS)
        try:
            link.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
            answer = link.getresponse()
            if answer.status == 200:
                return answer.read(LARGEST)
            raise Unreadable(f"Amazon answers {parts.path[:100]} with {answer.status}")
        except (OSError, HTTPException) as fault:
            raise Unreadable(f"Amazon cannot be asked for {parts.path[:100]}: {fault}") from None
        finally:
            link.close()
    finally:
        _fetching.release()


def _seconds(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
