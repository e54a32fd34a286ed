"""Whoever reads French reads French: every page of a shop, full, empty and in error, has no English of ours."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from shutil import copytree

import httpx
import msgspec
import pytest

from engine.console import aside
from engine.console.aside import Aside
from engine.console.pages import machine, messages, reports
from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime.store import Store
from engine.settings import PREFIX
from tests.acceptance.scene import ROOT, WORDING, Shop, sources
from tests.contract.french import Own, english
from tests.contract.seen import ADMIN, Visitor, console

EMPTY = msgspec.msgpack.encode([])
BEGIN = (
    *("/", "/reports?measure=all&since=365d", "/health/examined", "/decisions?at=web.home&c.intent=browse"),
    *("/nothing-here", "/journeys/xyz", "/people/xyz", "/machine/none", "/messages/xyz", "/sign-in"),
)
# What customers, shop assistants and this machine say.
SAID = (
    *(WORDING.format(channel) for channel in ("email", "push")),
    "Yes, tell me by email what is new at Fe",  # cut off
    "Yes, tell me by push what is new at Fer",
    "A seam has opened",
    "Magasin",
)
# What may not be done, or makes no sense: a page says so.
WRONG = (
    ("/journeys/welcome/resume", {"how": "continue"}),
    ("/people", {"who": "email:nobody@example.org"}),
    ("/people", {"who": "colour:red"}),
    ("/decisions", {"person": "nobody", "at": "web.home"}),
    ("/machine", {"person": "nobody", "draft": "disk"}),
    ("/machine", {"draft": "disk"}),
    ("/machine", {"person": "ana", "draft": "folder:none"}),
)


@pytest.fixture
def me(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """Somebody with all rights, in a shop with people, an archive, and a journey that was stopped by hand."""
    workspace = tmp_path / "Magasin"  # alone in its folder: what lies beside a workspace is named on pages
    for part in ("journeys", "templates"):
        copytree(ROOT / part, workspace / part)
    monkeypatch.setenv(f"{PREFIX}WORKSPACE", str(workspace))
    monkeypatch.setenv(f"{PREFIX}STATE_DIR", str(tmp_path))
    store = Store.open(redis_url)
    shop = Shop(store)
    shop.fill()
    (tmp_path / "archive").mkdir()
    turn(store, open_place(str(tmp_path / "archive")), 1_000, today="9999-12-31")
    for page in (machine, reports):
        monkeypatch.setattr(page, "ASIDE", Aside(aside.here))
    monkeypatch.setattr(messages, "ASIDE", Aside(lambda name, given: EMPTY))
    with console(shop.engine) as call:
        yield Visitor(call, ADMIN)
    store.close()


def seen(me: Visitor, path: str) -> httpx.Response:
    """A page in French, when all of it is there."""
    until = time.monotonic() + 120
    while 'class="progress"' in (answer := me.get(path, Accept_Language="fr")).text and "data-load" not in answer.text:
        assert time.monotonic() < until
        time.sleep(0.05)
    return answer


def kind(path: str) -> str:
    """Pages of one kind differ in what they are about only."""
    plain = re.sub(r"(?<=/people/)[^/?]+|(?<=/journeys/)[^/?]+|(?<=/messages/)[^/?]+", "X", path)
    return re.sub(r"=[^&]*", "=", plain)


def test_no_page_has_english_of_ours(me: Visitor) -> None:
    own, found, kinds, been = Own(sources(), *SAID), list[str](), dict[str, int](), set[str]()
    me.do("/journeys/abandoned_basket/pause")
    for path, form in WRONG:
        answer = me("POST", path, data={"csrf": me.token(), **form}, headers={"Accept-Language": "fr"})
        assert answer.status_code in (404, 409, 422), (path, answer.status_code)
        found += [f"{path}: {each}" for each in english(answer.text, own)]
    todo = deque(BEGIN)
    while todo:
        path = todo.popleft() or "/"
        kinds[kind(path)] = kinds.get(kind(path), 0) + (path not in been)
        if path in been or (kinds[kind(path)] > (6 if kind(path) == "/people/X" else 1) and path not in BEGIN):
            continue
        been.add(path)
        answer = seen(me, path)
        if "text/html" not in answer.headers.get("content-type", "") or 'lang="fr"' not in answer.text[:200]:
            continue
        found += [f"{path}: {each}" for each in english(answer.text, own)]
        links = map(unescape, re.findall(r'(?:href|data-load)="/console([^"#]*)', answer.text))
        todo += [each for each in links if not re.search(r"/static/|lang=|theme=|/html\b", each)]

    assert not found, "\n".join(found)
    assert len(kinds) > 20
