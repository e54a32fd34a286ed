"""A certificate for 127.0.0.1 that only its owner trusts, made anew for each run."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """`server` presents it, `client` trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make(folder: Path) -> Certificate:
    """Needs the `openssl` program."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*request.split(), *files], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert, key)
    return Certificate(server, ssl.create_default_context(cafile=cert))
