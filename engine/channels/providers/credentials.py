"""Keys in files, and the short-lived tokens they sign. The only importer of jwt and, for keys, of cryptography."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.model.errors import SetupError


def read_key(file: Path, what: str) -> str:
    """The text of a key file. Raises SetupError with its name, never its content."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise SetupError(f"{what} cannot be read from {file}: {why}.") from None


class Signer:
    """Signs tokens with a private key in PEM: ES256 for an elliptic one (P-256), RS256 for RSA.

    Raises SetupError when the key cannot be used or the extra is not installed.
    """

    def __init__(self, pem: str, algorithm: str, what: str) -> None:
        try:
            import jwt
            from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
            from cryptography.hazmat.primitives.serialization import load_pem_private_key
        except ImportError:
            raise SetupError("Push services need an extra: pip install 'parcours[providers]'.") from None
        try:
            key = load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError):
            raise SetupError(f"{what} is no private key in PEM without a password.") from None
        elliptic = isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
        if not (elliptic if algorithm == "ES256" else isinstance(key, RSAPrivateKey)):
            kind = "an elliptic key (P-256)" if algorithm == "ES256" else "an RSA key"
            raise SetupError(f"{what} should be {kind}.")
        self.key: Any = key
        self._algorithm, self._encode = algorithm, jwt.encode

    def token(self, claims: Mapping[str, Any], **headers: str) -> str:
        """A signed token (JWT)."""
        return str(self._encode(dict(claims), self.key, self._algorithm, headers or None))


class Kept:
    """A token that is made anew when it is over. Threads share one; they wait while it is made.

    `make(now)` gives the token and the instant (seconds) from which another is wanted.
    """

    def __init__(self, make: Callable[[float], tuple[str, float]]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._token, self._until = "", 0.0
        self.made_at = 0.0  # seconds

    def get(self, now: float) -> str:
        """The token at `now`. Raises what `make` raises."""
        with self._lock:
            if now >= self._until:
                self._token, self._until = self._make(now)
                self.made_at = now
            return self._token

    def drop(self, token: str) -> None:
        """Somebody has refused this token: another one next time."""
        with self._lock:
            if self._token == token:
                self._until = 0.0
