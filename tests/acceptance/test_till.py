"""The example of a till, in a real browser on a tablet: prompts come and go, are taken and answered, also over a
broken line."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from engine.define.workspace import compile_sources
from engine.runtime.engine import Engine
from engine.runtime.prompts import StorePromptSender
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.acceptance.browser import Browser
from tests.contract.served import serving
from tests.contract.shop import Recording, event, joined, records, shop, sources
from tests.unit.docs.pages import ROOT

VISIT = """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
steps:
  - send: offer
    via: store
    time_to_live: 45m
"""
OFFER = """{% extends layout %}
{% block headline %}{{ customer.customer_id | capitalize }} is in the shop{% endblock %}
{% block summary %}Seen online: Trail boots, 129 EUR. We have them here.{% endblock %}
{% block associate %}
May I show you the Trail boots? You can try them right away.
{%- endblock %}
"""
HOSTILE = "<img src=x onerror=document.title=1>"
CARDS = "[...document.querySelectorAll('.card')]"
LINE = "document.getElementById('line').dataset.state"


@pytest.fixture
def engine(redis_url: str) -> Iterator[Engine]:
    store = Store.open(redis_url)
    built = compile_sources({**sources(welcome=VISIT), "templates/messages/offer.j2": OFFER}).sound()
    fixed = shop(store, Recording(), built)
    yield Engine(store, fixed.plans, FixedSenders(store=StorePromptSender(store)), fixed.bells)
    store.close()


@contextmanager
def till(api: str, port: int = 0) -> Iterator[str]:
    """The example's own server, as its README starts it."""
    serve = [sys.executable, str(ROOT / "examples/till/serve.py")]
    command = [*serve, "--store", "lyon", "--api", api, "--port", str(port)]
    env = os.environ | {"TILL_KEY": "till-key"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[4]
        finally:
            process.kill()


def click(browser: Browser, what: str, card: int = 0) -> None:
    browser.until(
        f"(b => b && !b.disabled && b.offsetHeight >= 56)({CARDS}[{card}]?.querySelector('[data-do={what}]'))"
    )
    browser.look(f"{CARDS}[{card}].querySelector('[data-do={what}]').click()")


def test_a_day_at_the_till(engine: Engine, tmp_path: Path) -> None:
    keys = ["prompt@lyon:till-key"]
    with serving(engine, keys) as api, till(api) as url, Browser(width=1180, height=800) as browser:
        # an associate says who she is
        browser.open(url)
        browser.until(f"{LINE} === 'live' && document.getElementById('name').offsetHeight >= 56")
        browser.look("(document.getElementById('name').value = 'Marie', document.querySelector('#who button').click())")
        browser.until("document.getElementById('none').offsetHeight > 0")
        # given two customers who come in
        for number, customer in enumerate(("ana", "luc")):
            engine.accept([joined(f"e{number}", customer=customer, home_store="lyon")])
            drain(engine)
        browser.until(f"{CARDS}.length === 2")
        words = "(c => [c.querySelector('h2').innerText, c.querySelector('blockquote p').innerText])"
        assert browser.look(f"{words}({CARDS}[0])") == [
            "Ana is in the shop",
            "May I show you the Trail boots? You can try them right away.",
        ]
        assert browser.until(f"/^4[45]:\\d\\d/.test({CARDS}[0].querySelector('.left').innerText)")
        # when she takes one, a colleague elsewhere sees it, and she sees what he takes
        click(browser, "claim")
        browser.until(f"{CARDS}[0].classList.contains('mine')")
        taken, other = engine.store.prompts.table("lyon").prompts
        if taken.claim is None:
            taken, other = other, taken
        assert taken.claim is not None
        assert taken.claim[0] == "Marie"
        engine.store.prompts.claim("lyon", other.id, "Jules")
        browser.until(f"{CARDS}[1].classList.contains('other') && {CARDS}[1].innerText.includes('Jules')")
        browser.look("document.getElementById('news').textContent = ''")
        if "TILL_SCREENSHOT" in os.environ:  # the picture in the documentation
            picture = browser.call("Page.captureScreenshot", format="png")["data"]
            Path(os.environ["TILL_SCREENSHOT"]).write_bytes(base64.b64decode(picture))
        # then it is French at a touch, and fits
        browser.look("document.getElementById('language').click()")
        browser.until("document.documentElement.lang === 'fr' && document.body.innerText.includes('Pas adapté')")
        assert browser.look("document.documentElement.scrollWidth <= innerWidth")
        browser.look("document.getElementById('language').click()")
        # a purchase takes the other one away at once
        luc = "luc" if "luc" in other.said["label"] else "ana"
        engine.accept([event("order_placed", "o1", customer=luc, total=5)])
        drain(engine)
        browser.until(f"{CARDS}.length === 1 && document.getElementById('news').innerText.includes('bought')")
        # she answers, and the customer's story has it
        click(browser, "accepted")
        browser.until(f"{CARDS}.length === 0 && document.getElementById('none').offsetHeight > 0")
        drain(engine)
        assert engine.store.prompts.table("lyon").prompts == ()
        assert sum(each.kind == "withdrawn" for each in records(engine.store)) == 1
        # nothing that is not the page's own runs or is asked for
        policy = httpx.get(url, follow_redirects=True).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert httpx.get(url, headers={"Host": "elsewhere.example"}).status_code == 421
        elsewhere = httpx.post(url + "v1/prompts/m1/claim", content="{}", headers={"Content-Type": "text/plain"})
        assert elsewhere.status_code == 415
        assert httpx.get(url + "v1/stores/paris/prompts").status_code == 404


def test_a_line_that_breaks_is_said_and_mends_itself(engine: Engine) -> None:
    keys = ["prompt@lyon:till-key"]
    with serving(engine, keys) as api, Browser(width=820, height=640) as browser:
        with till(api) as url:
            port = int(url.rstrip("/").rpartition(":")[2])
            browser.open(url)
            browser.look("localStorage.setItem('associate', 'Marie')")
            browser.open(url)
            engine.accept([joined(home_store="lyon")])
            drain(engine)
            browser.until(f"{CARDS}.length === 1 && {LINE} === 'live'")
        browser.until(f"{LINE} === 'away' && {CARDS}[0].querySelector('[data-do=claim]').disabled")
        # given what happens while it is away
        engine.accept([event("order_placed", "o1", total=5), joined("e9", customer=HOSTILE, home_store="lyon")])
        drain(engine)
        with till(api, port):
            browser.until(f"{LINE} === 'live' && {CARDS}.length === 1")
            (left,) = engine.store.prompts.table("lyon").prompts
            assert left.said["label"] == f"customer_id:{HOSTILE}"
            assert HOSTILE in browser.look(f"{CARDS}[0].querySelector('h2').innerText")  # words, and no picture
            assert browser.look("[document.title, document.images.length]") == ["lyon", 0]
            click(browser, "claim")
            browser.until(f"{CARDS}[0].classList.contains('mine')")
