"""`parcours preview` as its user meets it: the page in a real browser, and the server that renews it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.cli.preview_watch import Watch
from tests.acceptance.browser import Browser
from tests.story import TEMPLATE, workspace

JOURNEY = """
journey: j
start: {event: basket_updated}
steps:
  - send: m1
    via: [push, email, sms]
  - send: m2
    via: email
"""
VISIBLE = "[...document.querySelectorAll('.message:not([hidden]) .card:not([hidden])')]"
PHONE = "document.querySelector('.message:not([hidden]) .card:not([hidden]) iframe').contentDocument"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace on disk, with a message that greets by name."""
    folder = tmp_path / "shop"
    greets = TEMPLATE.replace("Hello", "Hello {{ customer.first_name }}")
    for name, text in workspace(JOURNEY, m1=greets).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sink() -> Iterator[tuple[str, list[str]]]:
    """An address that answers everything, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`parcours preview --serve`, once it says where it is."""
    command = [sys.executable, "-m", "engine", "preview", str(folder), "--serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_one_page_is_written_and_the_terminal_says_what_fails(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"

    result = CliRunner().invoke(main, ["preview", str(shop), "--out", str(out)])

    assert result.exit_code == 0
    assert result.output.startswith(f"{out}: 4 messages, 16 renderings in en, fr.\n")
    assert (
        "templates/messages/m1.j2:1: 'm1' fails (email, en, customer hardly known): customer.first_name"
        in result.output
    )
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_a_workspace_with_problems_has_a_page_all_the_same(shop: Path, tmp_path: Path) -> None:
    journey = shop / "journeys/j.yaml"
    journey.write_text(journey.read_text("utf-8").replace("send: m2", "sned: m2"), "utf-8")

    result = CliRunner().invoke(main, ["preview", str(shop), "--out", str(tmp_path / "page.html")])

    assert result.exit_code == 1
    assert "1 problem stands on top of the page" in result.output
    assert "Did you mean &#39;send&#39;?" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize("args", [["--serve", "--out", "a.html"], ["--port", "9"]])
def test_options_that_do_not_fit_together_are_refused(shop: Path, args: list[str]) -> None:
    assert CliRunner().invoke(main, ["preview", str(shop), *args]).exit_code == 2


@pytest.mark.slow
def test_the_page_in_a_browser_asks_nobody_and_shows_mails_in_two_widths(shop: Path, tmp_path: Path) -> None:
    page, bare = tmp_path / "page.html", tmp_path / "bare.html"
    with sink() as (address, asked), Browser() as browser:
        link = f"<a href='{address}/link'>A link</a>"
        picture = f"<img src='{address}/mail.png'><style>p{{background:url({address}/style.png)}}</style>"
        message = shop / "templates/messages/m2.j2"
        message.write_text(
            TEMPLATE.replace(
                "Some words.{% endblock %}{% block body %}", "W.{% endblock %}{% block body %}" + picture + link
            )
        )
        assert CliRunner().invoke(main, ["preview", str(shop), "--out", str(page)]).exit_code == 0
        bare.write_text(f"<body>{picture}<p>", "utf-8")

        browser.open(bare.as_uri())
        assert sorted(set(asked)) == ["/mail.png", "/style.png"]  # so the browser does reach the address
        asked.clear()
        browser.open(f"{page.as_uri()}#message=m2&channel=email&locale=en&persona=full")
        browser.until(f"!!{PHONE}.querySelector('img')")
        browser.look(f"{PHONE}.querySelector('a[href$=link]').click()")
        browser.look("new Promise(done => setTimeout(done, 300))")

        assert asked == []
        widths = browser.until(
            f"(w => w.every(Boolean) && w)({VISIBLE}.flatMap(card => [...card.querySelectorAll('iframe')])"
            ".map(frame => frame.contentWindow.innerWidth))"
        )
        assert widths == [390, 660]
        assert browser.look("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.slow
def test_the_page_is_driven_by_keys_and_remembers_in_its_address(shop: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    CliRunner().invoke(main, ["preview", str(shop), "--out", str(page)])
    with Browser(width=420, height=800) as browser:
        browser.open(page.as_uri())
        shown = (
            f"{VISIBLE}.map(card => [card.dataset.channel, card.dataset.locale, card.dataset.persona].join(' ')).join()"
        )
        assert browser.look(shown) == "email en full,push en full,sms en full"

        browser.press("p")
        assert browser.look(f"{VISIBLE}.filter(card => card.querySelector('.fault')).length") == 2  # all but the SMS
        browser.press("l")
        browser.press("c")
        assert browser.look(shown) == "email fr sparse"
        browser.press("j")
        assert browser.look("location.hash") == "#message=m2&channel=email&locale=fr&persona=sparse"
        before = browser.look("document.documentElement.dataset.theme")
        browser.press("t")
        assert browser.look("document.documentElement.dataset.theme") != before
        browser.press("/")
        for letter in "m3":
            browser.press(letter)
        assert browser.look("[...document.querySelectorAll('nav li:not([hidden])')].length") == 1
        assert browser.look("document.documentElement.scrollWidth <= innerWidth")  # fits a phone


@pytest.mark.slow
def test_saving_a_file_renews_the_open_page_and_a_slip_is_shown_on_it(shop: Path) -> None:
    port, message = free_port(), shop / "templates/messages/m2.j2"
    with serving(shop, port), Browser() as browser:
        browser.open(f"http://127.0.0.1:{port}/#message=m2&channel=email&locale=en&persona=full")
        browser.until(f"{VISIBLE}[0].querySelector('.subject').textContent === 'Hello'")

        message.write_text(TEMPLATE.replace("Hello", "Good morning"))
        browser.until(f"{VISIBLE}[0].querySelector('.subject').textContent === 'Good morning'")
        assert "message=m2" in browser.look("location.hash")

        message.write_text("{% extends layout %}{% block headline %}")
        said = browser.until("document.querySelector('.problems')?.textContent")
        assert "templates/messages/m2.j2:1" in said

        message.write_text(TEMPLATE)
        browser.until("!document.querySelector('.problems') && location.hash.includes('m2')")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_while_a_page_is_open(shop: Path, number: int) -> None:
    port = free_port()
    with serving(shop, port) as process, httpx.stream("GET", f"http://127.0.0.1:{port}/changes") as changes:
        assert next(changes.iter_lines()) == "retry: 500"

        process.send_signal(number)

        assert process.stdout is not None
        assert process.stdout.read() == "Stopped.\n"
        assert process.wait(10) == 0


@pytest.mark.slow
def test_it_answers_to_this_machine_only_and_a_taken_port_is_one_sentence(shop: Path) -> None:
    port = free_port()
    with serving(shop, port):
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(url + "/").headers["cache-control"] == "no-store"
        assert httpx.get(url + "/", headers={"Host": "elsewhere.example"}).status_code == 421
        assert httpx.get(url + "/other").status_code == 404

        second = CliRunner().invoke(main, ["preview", str(shop), "--serve", "--port", str(port)])

        assert (second.exit_code, second.output) == (1, f"Error: Port {port} is taken: choose another with --port.\n")


def test_a_workspace_that_goes_away_is_said_on_the_page_and_comes_back(shop: Path) -> None:
    watch = Watch(shop)
    watch.start()
    try:
        assert watch.version == 1
        (shop / "journeys").rename(shop / "gone")
        assert watch.wait(1, 10) == 2
        assert "it has no journeys/ folder" in watch.page
        (shop / "gone").rename(shop / "journeys")
        assert watch.wait(2, 10) == 3
        assert 'data-message="m1"' in watch.page
    finally:
        watch.stop()
