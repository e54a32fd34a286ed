"""API keys: what they are good for, how they are sent, and what is said of one that cannot be read."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from starlette.requests import Request

from engine.api.auth import Keys
from engine.api.problem import Refused
from engine.model.errors import SetupError


def request(**headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": given})


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


KEYS = Keys(["all", "ingest+read:web", f"operate:sha256={sha256(b'ops').hexdigest()}", "prompt@lyon:till"])


@pytest.mark.parametrize(
    ("key", "scope", "store", "status"),
    [
        ("all", "admin", "", 0),
        ("all", "prompt", "paris", 0),
        ("web", "read", "", 0),
        ("web", "operate", "", 403),
        ("ops", "operate", "", 0),
        (sha256(b"ops").hexdigest(), "operate", "", 401),  # the hash is no key
        ("till", "prompt", "lyon", 0),
        ("till", "prompt", "paris", 403),
        ("till", "read", "", 403),
        ("", "read", "", 401),
        ("ingest+read:web", "read", "", 401),
    ],
)
def test_a_key_is_good_for_its_scopes(key: str, scope: str, store: str, status: int) -> None:
    if not status:
        KEYS.require(request(x_api_key=key), scope, store=store)  # type: ignore[arg-type]
        return
    with pytest.raises(Refused) as fault:
        KEYS.require(request(x_api_key=key), scope, store=store)  # type: ignore[arg-type]
    assert fault.value.status == status


@pytest.mark.parametrize("sent", ["Bearer web", "bearer web", basic("web:"), basic(":web")])
def test_ways_to_send_it(sent: str) -> None:
    assert KEYS.require(request(authorization=sent), "ingest").scopes == {"ingest", "read"}


@pytest.mark.parametrize("sent", ["Basic ???", basic("other:"), "Digest web", "Basic"])
def test_what_is_no_key_is_refused(sent: str) -> None:
    with pytest.raises(Refused) as fault:
        KEYS.require(request(authorization=sent), "ingest")
    assert fault.value.status == 401


@pytest.mark.parametrize("written", ["reed:SECRET", "read@lyon:SECRET", "prompt@:SECRET", "read:sha256=12", "read:"])
def test_a_setting_that_cannot_be_read_is_said_without_the_key(written: str) -> None:
    with pytest.raises(SetupError) as fault:
        Keys([written])
    assert "PARCOURS_API_KEYS" in fault.value.sentence()
    assert "SECRET" not in fault.value.sentence()
