"""A provider in a distribution of its own: installed, named by a setting, sending; a broken one says whose it is."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.channels.plugged import plugged, schemes
from engine.model.errors import SetupError
from engine.model.message import Outgoing, Rendered
from engine.runtime.makers import made
from engine.runtime.providers import of_address
from engine.runtime.senders import SetUpSenders
from engine.settings import load
from tests.contract.shop import compiled
from tests.unit.docs.pages import ROOT

TOKEN = "12:secret"
BLOCKED = {"ok": False, "description": "Forbidden: bot was blocked by the user"}
BUSY = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 7}}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, installed into a folder of its own without a network."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(ROOT / "examples/provider")], check=True, timeout=100)
    sys.path.insert(0, str(target))
    yield target
    sys.path.remove(str(target))


@contextmanager
def telegram(*answers: tuple[int, Any]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A bot's server that answers in turn; its place, and what it was asked."""
    asked: list[tuple[str, Any]] = []
    queue = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            status, said = queue.pop(0)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"telegram+http://{TOKEN}@127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def push(address: str = "4711") -> Outgoing:
    rendered = Rendered("welcome", "push", "en", {"title": "Welcome", "body": "Hello Ana", "link": "https://f.example"})
    return Outgoing(
        attempt_id="m1-push-1",
        message_id="m1",
        profile="c1",
        label="customer_id:ana",
        journey="welcome",
        step="send",
        message="welcome",
        channel="push",
        address=address,
        purpose="service",
        at=0,
        expires=None,
        rendered=rendered,
    )


def test_a_setting_names_its_scheme_and_messages_leave_by_it(installed: Path) -> None:
    sent = {"ok": True, "result": {"message_id": 99}}
    with telegram((200, sent), (403, BLOCKED), (429, BUSY), (502, {}), (400, [])) as (url, asked):
        settings = load(push_url=url, delivery="live")
        (provider,) = SetUpSenders(settings, None).of("push", compiled().plan)
        said = [provider.sender.send(push()) for _ in range(5)]
        provider.sender.close()

    assert [each.kind for each in said] == ["accepted", "bad_address", "retry", "unknown", "refused"]
    assert (said[0].provider_id, said[2].retry_after) == ("99", 7.0)
    assert asked[0] == (
        f"/bot{TOKEN}/sendMessage",
        {"chat_id": "4711", "text": "Welcome\nHello Ana\nhttps://f.example"},
    )
    assert TOKEN not in provider.name + "".join(each.reason for each in said)
    assert schemes()["telegram"] == ["parcours-telegram 1.0"]


def test_nobody_there_is_said_for_certain(installed: Path) -> None:
    with telegram() as (url, _):
        pass
    sender = made("push", url, load(), compiled().plan)
    assert sender.send(push()).kind == "retry"
    sender.close()


def test_what_its_function_refuses_is_said_with_its_name_and_without_the_url(installed: Path) -> None:
    with pytest.raises(SetupError) as fault:
        made("push", "telegram://api.telegram.org", load(), compiled().plan)
    assert "parcours-telegram 1.0" in fault.value.sentence()
    assert "write telegram://TOKEN@" in fault.value.sentence()


BROKEN = {
    "missing": ("nothing_of_this_name:make", "parcours-broken 2.0 cannot be used for sms: ModuleNotFoundError"),
    "number": ("broken_provider:NUMBER", "TypeError"),
    "raises": ("broken_provider:raises", "RuntimeError: no licence for raises://..."),
    "silent": ("broken_provider:silent", "is no sender: it has no idempotent, send, close"),
}
CODE = """
NUMBER = 5
def raises(url, channel): raise RuntimeError("no licence for " + url)
class Silent: name = "silent"
def silent(url, channel): return Silent()
class Odd:
    name, idempotent = "odd", True
    def send(self, outgoing):
        if outgoing.address == "raise": raise ValueError("odd")
        return "sent"
    def takes(self, address): return address.startswith("odd:") if address != "raise" else 1 / 0
    def close(self): ...
def odd(url, channel): return Odd()
"""


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution whose providers have each another fault."""
    for name, version in (("parcours_broken", "2.0"), ("parcours_other", "1.0")):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
        points = {each: value for each, (value, _) in BROKEN.items()} | {"odd": "broken_provider:odd"}
        if name == "parcours_other":
            points = {"twice": "other:make"}
        else:
            points["twice"] = "broken_provider:odd"
        lines = "".join(f"{each} = {value}\n" for each, value in points.items())
        (info / "entry_points.txt").write_text(f"[parcours.providers]\n{lines}")
    (tmp_path / "broken_provider.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_provider", raising=False)


@pytest.mark.parametrize("scheme", BROKEN)
def test_a_broken_one_is_named(broken: None, scheme: str) -> None:
    with pytest.raises(SetupError) as fault:
        plugged(scheme, f"{scheme}://user:hidden@host", "sms")
    assert BROKEN[scheme][1] in fault.value.sentence()
    assert "hidden" not in fault.value.sentence()


def test_two_that_bring_the_same_and_one_that_misbehaves_later(broken: None) -> None:
    with pytest.raises(SetupError, match=r"parcours-broken 2\.0 and parcours-other 1\.0 both bring"):
        plugged("twice", "twice://host", "sms")
    odd = plugged("odd", "odd://host", "sms")
    assert odd is not None
    assert [odd.send(push(each)).kind for each in ("raise", "1")] == ["unknown", "unknown"]
    assert "parcours-broken 2.0" in odd.send(push()).reason


def test_it_gets_only_the_addresses_it_takes(broken: None) -> None:
    settings = load(push_url="odd://host https://hook.example", webhook_secret=f"whsec_{'A' * 32}", delivery="live")
    providers = SetUpSenders(settings, None).of("push", compiled().plan)
    found = {each: [one.name for one in of_address(providers, each)] for each in ("odd:1", "fcm:1", "raise")}
    assert found == {
        "odd:1": ["push:host", "push:hook.example"],
        "fcm:1": ["push:hook.example"],
        "raise": ["push:host", "push:hook.example"],  # it is asked, and what it says then is seen
    }


def test_a_scheme_that_nobody_brings_is_no_setting() -> None:
    with pytest.raises(SetupError, match="PARCOURS_PUSH_URL cannot be used"):
        load(push_url="pigeon://loft")
