"""DKIM (RFC 6376): a signature over an e-mail's head and body, so that a mailbox provider knows whose it is.

Signed here and not by a library: the one there is does RSA in Python, ten times slower than the letter takes to be
made. `cryptography` (the extra `dkim`) does what must not be written again.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable

from engine.model.errors import SetupError

# In this order. From, To, Subject and what ends a subscription are named once more than they occur: so nobody can
# add a second one in front.
_SIGNED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_ONCE_MORE = ("from", "to", "subject", "list-unsubscribe", "list-unsubscribe-post")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_SPACE = re.compile(rb"[ \t]+")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class DkimSigner:
    """Signs letters for `domain` with the private key in `pem` (RSA of 1024 bits or more, or Ed25519).

    Raises SetupError when the key cannot be used, or the extra is not installed. Threads may share it. `name` is where
    DNS is to have the TXT record `record`, by which others verify.
    """

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        for name in (domain, selector):
            if not _NAME.fullmatch(name):
                raise SetupError(f"'{name}' cannot stand in a DKIM signature: a name of letters, digits, '.' and '-'.")
        self._algorithm, self._seal, public = _sealing(pem)
        self.name = f"{selector}._domainkey.{domain}"
        self.record = f"v=DKIM1; k={self._algorithm.partition('-')[0]}; p={b64encode(public).decode()}"
        self._facts = f"c=relaxed/simple; d={domain}; s={selector}"

    def __call__(self, letter: bytes) -> bytes:
        """The letter (CRLF line ends, not dot-stuffed) with `DKIM-Signature` in front."""
        head, _, body = letter.partition(b"\r\n\r\n")
        found: dict[str, bytes] = {}
        for line in _FOLD.sub(b"", head).split(b"\r\n"):
            name, _, value = line.partition(b":")
            found[name.decode("ascii", "replace").strip().lower()] = value
        there = [name for name in _SIGNED if name in found]
        whole = hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()
        names = ":".join([*there, *_ONCE_MORE])
        unsigned = (
            f"v=1; a={self._algorithm}; {self._facts};\r\n h={names};\r\n bh={b64encode(whole).decode()};\r\n b="
        ).encode()
        lines = [_relaxed(name, found[name]) for name in there]
        # a name that stands for a header which is not there adds nothing to what is signed
        sealed = self._seal(b"\r\n".join([*lines, _relaxed("dkim-signature", unsigned)]))
        marks = b64encode(sealed)
        folded = b"\r\n ".join(marks[place : place + 72] for place in range(0, len(marks), 72))
        return b"DKIM-Signature: " + unsigned + folded + b"\r\n" + letter


def _relaxed(name: str, value: bytes) -> bytes:
    return name.encode() + b":" + _SPACE.sub(b" ", _FOLD.sub(b"", value)).strip(b" ")


def _sealing(pem: bytes) -> tuple[str, Callable[[bytes], bytes], bytes]:
    """The algorithm's name, what signs with the key, and the public key as DNS has it (RFC 6376, RFC 8463)."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
    except ImportError:
        raise SetupError("PARCOURS_DKIM_KEY needs the extra: pip install 'parcours[dkim]'") from None
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):  # no PEM, another kind, or encrypted
        raise SetupError("The file of PARCOURS_DKIM_KEY holds no private key in PEM without a password.") from None
    if isinstance(key, Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return "ed25519-sha256", lambda text: key.sign(hashlib.sha256(text).digest()), raw
    if not isinstance(key, RSAPrivateKey) or key.key_size < 1024:
        raise SetupError("The key of PARCOURS_DKIM_KEY is neither RSA of 1024 bits or more, nor Ed25519.")
    padding, digest = PKCS1v15(), SHA256()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "rsa-sha256", lambda text: key.sign(text, padding, digest), public
