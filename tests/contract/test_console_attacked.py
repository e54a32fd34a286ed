"""The console as somebody attacks it who has a key, or who only writes into their own profile."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.requests import Request

from engine.api.problem import Refused
from engine.console import live
from engine.console.door import COOKIE, whose
from engine.console.live import Streams
from engine.console.pages import PAGES
from engine.console.turns import WAITING_EACH, Turns
from engine.runtime import audit
from engine.runtime.audit import entries, note, visits
from engine.runtime.engine import Engine
from engine.runtime.sessions import end_sessions
from engine.runtime.stops import standings
from engine.runtime.store import Store
from tests.contract.caller import Caller
from tests.contract.seen import ADMIN, OPERATE, READ, Visitor, console
from tests.contract.shop import Recording, shop

ODD = (
    "", "x", "0", "-1", "9" * 30, "1e309", "NaN", "\x00", "a\x00b", "../../../etc/passwd", "\u202e\u0130\U0001f4a9",
    "A" * 4000, "'\"><script>", "{{7*7}}", "%(x)s", "{0.__class__}", "*", "a|b", "email:", "email:x\r\ny", "welcome",
    "\u0663", "\u00b2", "folder:..", "release:", "disk", "refused-0-0", "1-1-1", "1-99999999999999999999999-1", "all",
)  # fmt: skip
NAMES = (
    "page", "before", "why", "journey", "show", "q", "version", "in", "as", "at", "who", "said", "draft", "changes",
    "measure", "since", "again", "done", "person", "past", "file", "text", "id", "how", "path", "self", "query", "all",
    "name", "ask", "csrf",
)  # fmt: skip
BLOCKS = ("live", "main", "edit", "answer", "findings", "title", "nothing", "__init__")


@pytest.fixture
def engine(redis_url: str) -> Iterator[Engine]:
    made = shop(Store.open(redis_url), Recording())
    yield made
    made.store.close()


@pytest.fixture
def call(engine: Engine) -> Iterator[Caller]:
    with console(engine) as caller:
        yield caller


@pytest.mark.parametrize("key", [READ, OPERATE, ADMIN])
def test_whatever_is_asked_is_answered_with_a_page(call: Caller, key: str) -> None:
    chance, me = random.Random(key), Visitor(call, key)
    token = me.token()
    for page in [page for page in PAGES for _ in range(3)]:
        path = re.sub(r"\{\w+\}", lambda _: quote(chance.choice(ODD[1:]), safe="") or "x", page.path)
        given = {chance.choice(NAMES): chance.choice(ODD) for _ in range(chance.randint(0, 5))}
        if page.does:
            answer = me("POST", path, data={"csrf": token, **given})
        else:
            headers = {"X-Part": chance.choice(BLOCKS)} if chance.random() < 0.4 else {}
            answer = me("GET", path, params=given, headers=headers)

        asked = (page.path, path, given, answer.status_code)
        assert answer.status_code < 500 or "Not ready" in answer.text, asked
        assert "Traceback" not in answer.text, asked
        if "%0A" not in path:  # no path of ours
            assert "content-security-policy" in answer.headers, asked


@pytest.mark.parametrize(
    "name", ["\x00.css", "a" * 400 + ".css", "..css", ".css", "console.py", "console.css\n", "é.js"]
)
def test_a_file_of_an_odd_name_is_not_there(call: Caller, name: str) -> None:
    assert call("GET", f"/console/static/x/{quote(name)}").status_code == 404


def test_no_answer_believes_the_host_that_a_request_names(call: Caller) -> None:
    for path in ("/console", "/console/journeys/", "/console/sign-in?lang=fr", "/console/audit?x=//evil.example"):
        for host in ("evil.example", "evil.example//x", "["):
            answer = call("GET", path, headers={"Host": host})

            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/")
            assert "content-security-policy" in answer.headers


def test_what_a_customer_wrote_begins_no_event_of_its_own() -> None:
    wrote = "Ana\r\revent: over\rdata: x\r\n\r\nevent: live\ndata: <b>mine</b>"

    lines = re.split(r"\r\n|\r|\n", live.event("live", wrote).decode())

    assert lines[0] == "event: live"
    assert lines[-2:] == ["", ""]
    assert all(line.startswith("data: ") for line in lines[1:-2])


def test_one_session_takes_neither_all_streams_nor_all_turns() -> None:
    streams, turns = Streams(), Turns(1)

    async def silent() -> str:
        return ""

    async def attack() -> tuple[list[int], int, list[type[object]]]:
        opened = [streams.stream("mallory", silent) for _ in range(live.MOST_EACH)]
        bodies = [aiter(each.body_iterator) for each in opened]  # type: ignore[attr-defined]
        for body in bodies:
            await anext(body)
        after = [streams.stream(who, silent).status_code for who in ("mallory", "ana")]
        for body in bodies:
            await body.aclose()
        again = streams.stream("mallory", silent).status_code
        many = [turns.take("mallory", lambda: 1) for _ in range(WAITING_EACH + 1)]
        made = await asyncio.gather(*many, turns.take("ana", lambda: 2), return_exceptions=True)
        return after, again, [type(each) for each in made if each != 1]

    after, again, made = asyncio.run(attack())

    assert (after, again) == ([204, 200], 200)
    assert made == [Refused, int]  # one too many of hers, and Ana's


def test_one_stranger_does_not_take_the_turns_of_all_strangers() -> None:
    def asks(host: str, cookie: str = "") -> str:
        headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
        return whose(Request({"type": "http", "client": (host, 1), "headers": headers}))

    assert asks("192.0.2.1") == asks("192.0.2.1") != asks("192.0.2.2")
    assert asks("192.0.2.1", "a") == asks("192.0.2.2", "a") != asks("192.0.2.1", "b")


def test_looking_pushes_nothing_out_of_the_audit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST", 100)
    note(engine.store, 1, "kill", "mallory", journey="welcome")

    for at in range(300):
        note(engine.store, at, "look", "mallory", customer=f"{at}")

    assert [each.what for each in entries(engine.store)] == ["kill"]


def test_what_was_tried_in_vain_is_written_down_and_no_more_than_that(engine: Engine, call: Caller) -> None:
    reader, operator = Visitor(call, READ), Visitor(call, OPERATE)

    refused = [reader.do("/journeys/welcome/kill").status_code for _ in range(3)]
    killed = [operator.do("/journeys/welcome/kill", why="a wrong\r\n\x1b price ").status_code for _ in range(2)]
    nothing = [operator.do("/health/replay", **form).status_code for form in ({}, {"all": "yes"}, {"id": "1-1-1"})]

    assert (refused, killed, nothing) == ([403] * 3, [303, 409], [422, 303, 303])
    assert standings(engine.store)["welcome"].word == "killed"
    assert [(each.what, each.details["why"]) for each in entries(engine.store)] == [("kill", "a wrong price")]
    vain = [each for each in visits(engine.store) if each.what == "refused"]
    assert [(each.details["why"], "read key" in each.who) for each in reversed(vain)] == [
        ("takes operate", True),
        (vain[0].details["why"], False),
    ]
    assert vain[0].details["journey"] == "welcome"
    shown = Visitor(call, ADMIN)
    assert "refused" in shown.get("/audit?show=visits").text
    assert "refused" not in shown.get("/audit?show=done").text.partition("<main")[2]


def test_one_signs_out_everywhere_and_an_operator_of_the_machine_signs_out_all(engine: Engine, call: Caller) -> None:
    here, there, other = Visitor(call, READ), Visitor(call, READ), Visitor(call, OPERATE)

    here.do("/sign-out", everywhere="yes")

    assert [each.get("/audit").status_code for each in (here, there, other)] == [303, 303, 200]
    assert end_sessions(engine.store) == 1
    assert other.get("/audit").status_code == 303


def test_the_question_before_a_kill_is_asked_without_a_script(call: Caller) -> None:
    me = Visitor(call, OPERATE)

    page, asked = me.get("/journeys/welcome").text, me.get("/journeys/welcome?ask=kill").text

    assert 'name="ask" value="kill"' in page
    assert '<dialog id="kill" open' not in page
    assert '<dialog id="kill" open' in asked


def test_the_page_on_the_interface_runs_and_fetches_nothing(call: Caller) -> None:
    answer = call("GET", "/docs")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in answer.text
    assert "//" not in re.sub(r"<pre.*?</pre>", "", answer.text, flags=re.DOTALL)
    assert "/v1/events" in answer.text
    assert call("GET", "/redoc").status_code == 404
