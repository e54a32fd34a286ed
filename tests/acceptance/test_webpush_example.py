"""The service worker of the example in a real browser: what we send is shown, with its link."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.channels.providers.webpush import payload
from engine.model.message import Outgoing, Rendered
from tests.acceptance.browser import Browser

FOLDER = Path(__file__).resolve().parents[2] / "examples/webpush"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    for name in ("sw.js", "subscribe.js"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    (tmp_path / "index.html").write_text("<!doctype html><title>Shop</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def message() -> str:
    parts = {"title": "Votre panier <b>", "body": "Il vous attend", "link": "/basket"}
    rendered = Rendered("basket", "push", "fr", parts)
    whole = Outgoing(
        "m1-push-1", "m1", "c1", "", "basket", "send", "basket", "push", "", "marketing", 0, None, rendered
    )
    return payload(whole).decode()


def registration(browser: Browser) -> str:
    """The id under which the browser knows the only service worker."""
    request = {"id": next(browser.numbers), "method": "ServiceWorker.enable", "sessionId": browser.session}
    browser.socket.send(json.dumps(request))
    while True:
        told = json.loads(browser.socket.recv(timeout=30))
        found = told.get("params", {}).get("registrations")
        if told.get("method") == "ServiceWorker.workerRegistrationUpdated" and found:
            return str(found[0]["registrationId"])


def test_a_message_is_shown_once_with_its_link(site: str) -> None:
    with Browser() as browser:
        browser.call("Browser.grantPermissions", origin=site, permissions=["notifications"])
        browser.open(site)
        browser.look("import('/subscribe.js').then((m) => { window.example = typeof m.subscribe })")
        assert browser.look("window.example") == "function"
        browser.look("navigator.serviceWorker.register('/sw.js').then((made) => { window.worker = made; return 1 })")
        browser.until("window.worker.active && window.worker.active.state === 'activated'")
        name = registration(browser)
        seen = "window.worker.getNotifications().then((all) => all.map((n) => [n.title, n.body, n.tag, n.data.link]))"
        # when the same message comes, and comes again: a browser may lose one that finds its worker just awake
        for _ in range(40):
            browser.call("ServiceWorker.deliverPushMessage", origin=site, registrationId=name, data=message())
            if browser.look(seen):
                break
            time.sleep(0.25)
        browser.call("ServiceWorker.deliverPushMessage", origin=site, registrationId=name, data=message())
        time.sleep(0.3)
        # then it is on the screen once, as text
        assert browser.look(seen) == [["Votre panier <b>", "Il vous attend", "m1", "/basket"]]
