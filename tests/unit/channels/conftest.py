"""Fixtures of this room: a message to send, and a certificate for a server that takes it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.model.message import Outgoing, Rendered
from tests.unit.channels.certificate import Certificate, make
from tests.unit.channels.http_sink import Endpoint

AT = 1_775_297_700_000  # 2026-04-04 10:15:00 UTC
PARTS = {
    "email": {
        "subject": "Hi <Ana>",
        "preheader": "",
        "html": "<html><body class='x'><p>Yours</p></body></html>",
        "text": "Yours & only",
    },
    "push": {"title": "T", "body": "B", "link": "app://basket"},
    "sms": {"text": "Votre panier vous attend à Lyon"},
    "store": {"title": "T", "body": "B", "associate": "Ask", "link": ""},
}

MakeOutgoing = Callable[..., Outgoing]


@pytest.fixture
def outgoing() -> MakeOutgoing:
    """outgoing("email", subject="...", attempt_id="...") -> Outgoing; names of parts go into the parts."""

    def make(channel: str = "email", **changes: object) -> Outgoing:
        parts = dict(PARTS[channel])
        for name in [name for name in changes if name in ("subject", "html", "text", "preheader")]:
            parts[name] = str(changes.pop(name))
        whole = Outgoing(
            attempt_id=f"p007-ab12.{channel}.1",
            message_id="p007-ab12",
            profile="c-1",
            label="Ana Núñez",
            journey="basket",
            step="send reminder",
            message="basket_reminder",
            channel=channel,
            address="ana@example.com",
            purpose="marketing",
            at=AT,
            expires=None,
            rendered=Rendered("basket_reminder", channel, "en", parts),
        )
        return replace(whole, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Skips where there is no openssl program to make one."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    return make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
