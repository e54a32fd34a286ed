"""The time machine: a real history under a draft, side by side with what is deployed; nothing changes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from engine.console import aside
from engine.console.aside import Aside
from engine.console.pages import machine, reports
from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime.store import Store
from engine.settings import PREFIX
from tests.contract.seen import ADMIN, READ, Visitor, console, text
from tests.contract.shop import HOUR, START, agreed, joined, sources
from tests.contract.test_console_decisions import kept
from tests.contract.test_console_people import words
from tests.contract.test_explain import QUIET, WELCOME, at, open_shop

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)


def put(folder: Path, **changed: str) -> None:
    for name, content in sources(**changed).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")


@pytest.fixture
def me(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """Somebody with all rights; Ana's offer left at three, after the quiet hours. A workspace lies on disk, where
    the wait is shorter, and one beside it, that is broken."""
    engine = open_shop(store)
    at(engine, START, agreed(), joined(home_store="lyon"))
    for hours in (2, 4, 5):
        at(engine, START + hours * HOUR)
    put(tmp_path / "shop", welcome=WELCOME.replace("wait: 2h", "wait: 1h"), policies=QUIET)
    put(tmp_path / "broken", welcome=WELCOME.replace("wait: 2h", "wait: soon"))
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv(f"{PREFIX}WORKSPACE", str(tmp_path / "shop"))
    for page in (machine, reports):
        monkeypatch.setattr(page, "ASIDE", Aside(aside.here))
    with console(engine) as call:
        yield Visitor(call, ADMIN)


def tried(me: Visitor, **form: str) -> str:
    """The text of a try when it is done."""
    begun = me.do("/machine", **form)
    assert begun.status_code == 303, text(begun)
    page = begun.headers["location"].removeprefix("/console")
    until = time.monotonic() + 60
    while re.search("happening again|being read", shown := words(me.get(page))):
        assert time.monotonic() < until
        time.sleep(0.02)
    return shown.replace("\N{EN DASH}", "-")


def test_a_real_history_under_a_draft_stands_beside_what_is_deployed(me: Visitor, store: Store) -> None:
    before = {name: value for name, value in kept(store).items() if b"tryout" not in name}

    shown = tried(me, person="ana@fernhill.example", draft="disk")

    # an hour's wait ends before the quiet hours begin: what was held leaves at noon, and nothing is held
    assert "Messages as it is 2 With the draft 2 Sent no more 1 Sent anew 1" in shown
    assert "12:00 - only here sends offer by email welcome journeys/welcome.yaml:13" in shown
    assert "13:00 only here holds offer by email until 15:00 - quiet hours: 13:00-15:00 in Europe/Paris" in shown
    assert "15:00 only here sends offer by email welcome journeys/welcome.yaml:13 -" in shown
    assert "11:00 sends welcome by email welcome sends welcome by email welcome" in shown
    assert {name: value for name, value in kept(store).items() if b"tryout" not in name} == before


def test_what_the_archive_has_is_what_really_was(me: Visitor, store: Store, tmp_path: Path) -> None:
    # given an installation that archives, once everything has been taken up
    archive = tmp_path / "shop/.parcours/archive"
    turn(store, open_place(str(archive)), 1_000, today="9999-12-31")
    assert 'name="past"' in me.get("/machine").text

    shown = tried(me, person="ana", draft="disk", past="archive30")

    assert "As it was With the draft" in shown
    assert "12:00 - only here sends offer by email welcome journeys/welcome.yaml:13" in shown
    assert "15:00 only here sends offer by email welcome journeys/welcome.yaml:13 -" in shown
    assert "account_created (web) account_created (web)" in shown or "account_created account_created" in shown

    # and reports are made from it, each with the words of what it counts
    until = time.monotonic() + 60
    while "being read" in (report := words(me.get("/reports?measure=journeys&since=30d"))):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert "What this counts" in report
    assert "welcome" in report
    assert "<section" not in report


def test_without_an_archive_a_page_says_so(me: Visitor) -> None:
    assert "There is no archive yet" in words(me.get("/reports"))
    assert 'name="past"' not in me.get("/machine").text
    assert "@scope (.report)" in me("GET", "/static/x/report.css").text


def test_a_file_is_changed_for_one_try_only(me: Visitor, tmp_path: Path) -> None:
    edit = me.get("/machine?draft=disk&changes=journeys/welcome.yaml", x_part="edit")
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", edit.text, re.DOTALL)
    assert found is not None
    changed = unescape(found[1]).replace("wait: 1h", "wait: 3h")

    shown = tried(me, person="ana", draft="disk", changes="journeys/welcome.yaml", text=changed)

    assert "with journeys/welcome.yaml changed" in shown
    assert "14:00 - only here holds offer" in shown
    assert "wait: 3h" not in (tmp_path / "shop/journeys/welcome.yaml").read_text()


def test_lines_of_a_file_and_a_draft_that_cannot_run(me: Visitor) -> None:
    line = {"id": "e1", "event": "account_created", "profile": {"customer_id": "zoe"}, "at": "2026-01-05T09:00:00Z"}

    shown = tried(me, file=f"{json.dumps(line)}\nnonsense", draft="folder:broken")

    assert "The draft cannot run:" in shown
    assert "journeys/welcome.yaml:12" in shown
    assert "starts welcome" in shown
    assert "this is not JSON" in shown


def test_a_file_is_sent_from_the_browser_with_the_token_of_its_page(me: Visitor) -> None:
    line = {"id": "e1", "event": "account_created", "profile": {"customer_id": "zoé"}, "at": "2026-01-05T09:00:00Z"}
    text_ = f"\N{BYTE ORDER MARK}{json.dumps(line, ensure_ascii=False)}\r\n".encode()

    def sent(content: bytes, **form: str) -> httpx.Response:
        return me("POST", "/machine", data={"draft": "disk", **form}, files={"upload": ("past.jsonl", content)})

    begun = sent(text_, csrf=me.token())
    assert begun.status_code == 303
    assert me.get(begun.headers["location"].removeprefix("/console")).status_code == 200
    # a stranger's page, somebody and a file, what is no text, and what is too large are refused in plain words
    assert sent(text_).status_code == 403
    assert "either a person or a file" in sent(text_, csrf=me.token(), person="ana").text
    assert "no text in UTF-8" in sent(b"\xff\xfe", csrf=me.token()).text
    large = sent(b"x" * 4_000_001, csrf=me.token())
    assert (large.status_code, "4,000,000 bytes" in large.text) == (413, True)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        assert me("POST", "/machine", content=b"nothing", headers={"content-type": kind}).status_code in (400, 403)


def test_no_folder_but_those_that_are_listed_is_read(me: Visitor) -> None:
    for name in ("folder:../../etc", "folder:secrets", "folder:.", "release:../x", "/etc", ""):
        refused = me.do("/machine", person="ana", draft=name)

        assert refused.status_code == 422, name
        assert "There is no such draft" in unescape(refused.text) or "no longer kept" in refused.text
    assert "secrets" not in words(me.get("/machine"))


def test_drafts_are_tried_by_who_may(me: Visitor, store: Store) -> None:
    assert me.get("/machine/nothing").status_code == 404
    assert me.do("/machine", person="nobody@x.example", draft="disk").status_code == 422
    assert me.do("/machine", draft="disk").status_code == 422
    other = Visitor(me.call, READ)
    assert other.get("/machine").status_code == 403
    assert "/console/machine" not in other.get("/audit").text
