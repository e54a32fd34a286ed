"""Keys of the kinds that push services give out, in files, made once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@cache
def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def of_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def elliptic_file(folder: Path) -> Path:
    """An elliptic key, as Apple gives one and as VAPID needs one."""
    file = folder / "key.pem"
    file.write_text(pem(elliptic()))
    return file


def account_file(folder: Path, token_uri: str) -> Path:
    """A service account, as Google gives one."""
    file = folder / "account.json"
    given = {"project_id": "shop-1", "client_email": "push@shop-1.iam", "private_key": pem(of_rsa())}
    file.write_text(json.dumps({"type": "service_account", "token_uri": token_uri, **given}))
    return file
