"""The console as somebody sees it who is signed in, in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.console.app import add_console
from engine.console.door import COOKIE
from engine.runtime.engine import Engine
from engine.settings import load
from tests.contract.caller import Caller

HERE = "127.0.0.1"
READ, OPERATE, ADMIN, INGEST = "read-key-of-tests", "operate-key-of-tests", "admin-key-of-tests", "ingest-key-of-tests"
KEYS = (f"read:{READ}", f"operate:{OPERATE}", ADMIN, f"ingest+decide:{INGEST}")


class Visitor:
    """Asks for pages with one session, as a browser would: `get('/journeys')`, `do('/journeys/x/pause', how='...')`."""

    def __init__(self, call: Caller, key: str = "") -> None:
        self.call, self.cookie = call, ""
        if key:
            self.enter(self.call("POST", "/console/sign-in", data={"key": key}))

    def enter(self, answer: httpx.Response) -> None:
        """Keep the cookie of an answer."""
        assert answer.status_code == 303, answer.text
        found = re.match(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
        assert found is not None
        self.cookie = found[1]

    def __call__(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"Cookie": f"{COOKIE}={self.cookie}", **given.pop("headers", {})}
        return self.call(method, f"/console{path}", headers=headers, **given)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def token(self) -> str:
        """What its forms carry."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get("/audit").text)
        assert found is not None
        return found[1]

    def do(self, path: str, **form: str) -> httpx.Response:
        return self("POST", path, data={"csrf": self.token(), **form})


def text(answer: httpx.Response) -> str:
    """What a page says, without its marks, on one line."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@contextmanager
def console(engine: Engine, client: str = HERE) -> Iterator[Caller]:
    """An application with the console; the engine stays open afterwards."""
    settings, keys = load(), Keys(KEYS)
    app = create_app(engine, keys, settings=settings)
    add_console(app, engine, keys, settings)
    yield Caller(app, client)
    app.state.feed.close()
    app.state.asker.close()
