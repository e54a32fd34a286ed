"""Who comes into the console, with which rights, and what nobody can do from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from engine.console.door import COOKIE
from engine.console.pages import PAGES
from engine.runtime import keys, sessions
from engine.runtime.audit import visits
from engine.runtime.engine import Engine
from engine.runtime.stops import standings
from engine.runtime.store import Store
from tests.contract.caller import Caller
from tests.contract.seen import ADMIN, INGEST, OPERATE, READ, Visitor, console, text
from tests.contract.shop import Recording, shop


@pytest.fixture
def engine(redis_url: str) -> Iterator[Engine]:
    made = shop(Store.open(redis_url), Recording())
    yield made
    made.store.close()


@pytest.fixture
def call(engine: Engine) -> Iterator[Caller]:
    with console(engine) as caller:
        yield caller


def test_nobody_sees_a_page_without_a_session(call: Caller) -> None:
    for page in PAGES:
        path = "/console" + page.path.replace("{", "x").replace("}", "x")

        answer = call("POST" if page.does else "GET", path)

        assert answer.status_code == 303, page
        assert answer.headers["location"].startswith("/console/sign-in")


def test_a_session_that_was_made_up_is_none(engine: Engine, call: Caller) -> None:
    visitor = Visitor(call, ADMIN)
    known = visitor.cookie

    for forged in ("", "x", known[:-1], known + "a", known.swapcase(), "\x00", "a" * 5000):
        answer = call("GET", "/console/audit", headers={"Cookie": f"{COOKIE}={forged}"})
        assert answer.status_code == 303, forged
    assert visitor.get("/audit").status_code == 200

    # the store itself holds nothing that would let somebody in
    stored = b"".join(engine.store.redis.scan_iter("parcours:session:*"))
    assert known.encode() not in stored


def test_a_session_ends_by_itself_by_signing_out_and_when_its_key_is_withdrawn(engine: Engine, call: Caller) -> None:
    by_itself, out, withdrawn = Visitor(call, READ), Visitor(call, READ), Visitor(call, READ)

    left = engine.store.redis.ttl(keys.session(sessions._hashed(by_itself.cookie)))
    assert 0 < left <= sessions.LASTS
    engine.store.redis.delete(keys.session(sessions._hashed(by_itself.cookie)))
    assert by_itself.get("/audit").status_code == 303

    old = sessions.Session("somebody", engine.store.clock().server - sessions.LONGEST * 1000 - 1, "", ("admin",))
    sessions.open_session(engine.store, "old-secret", old)
    assert call("GET", "/console/audit", headers={"Cookie": f"{COOKIE}=old-secret"}).status_code == 303

    assert out.do("/sign-out").headers["location"] == "/console/sign-in"
    assert out.get("/audit").status_code == 303

    of_another = sessions.Session("somebody", engine.store.clock().server, "00" * 32)
    sessions.open_session(engine.store, withdrawn.cookie, of_another)
    assert withdrawn.get("/audit").status_code == 303


def test_keys_open_as_their_scopes_say(call: Caller) -> None:
    assert call("POST", "/console/sign-in", data={"key": "no such key"}).status_code == 401
    assert call("POST", "/console/sign-in", data={"key": INGEST}).status_code == 403

    for key in (READ, OPERATE, ADMIN):
        assert Visitor(call, key).get("/audit").status_code == 200


def test_too_many_tries_are_refused(call: Caller) -> None:
    answers = [call("POST", "/console/sign-in", data={"key": f"guess {n}"}).status_code for n in range(25)]

    assert answers[:20] == [401] * 20
    assert set(answers[20:]) == {429}


def test_a_link_lets_in_once_and_only_on_this_machine(engine: Engine, call: Caller) -> None:
    sessions.make_link(engine.store, "secret-of-a-link", "ana@till")

    shown = call("GET", "/console/enter?token=secret-of-a-link")  # whoever only looks uses nothing up
    with console(engine, "203.0.113.7") as elsewhere:
        assert elsewhere("POST", "/console/enter", data={"token": "secret-of-a-link"}).status_code == 403
    first = call("POST", "/console/enter", data={"token": "secret-of-a-link"})
    second = call("POST", "/console/enter", data={"token": "secret-of-a-link"})

    assert (shown.status_code, first.status_code, second.status_code) == (200, 303, 401)
    visitor = Visitor(call)
    visitor.enter(first)
    assert "ana@till" in text(visitor.get("/audit"))
    assert [(each.what, each.who) for each in visits(engine.store)] == [("sign in", "ana@till, console")]


def test_the_cookie_is_for_this_browser_and_this_place_only(call: Caller) -> None:
    plain = call("POST", "/console/sign-in", data={"key": READ}).headers["set-cookie"].lower()
    safe = call("POST", "https://links.example/console/sign-in", data={"key": READ}).headers["set-cookie"].lower()

    assert {"httponly", "samesite=strict", "path=/console"} <= set(plain.split("; "))
    assert "secure" not in plain
    assert "secure" in safe.split("; ")


def test_behind_a_proxy_it_is_as_in_front_of_it(engine: Engine, call: Caller) -> None:
    # given a proxy on this machine that ends TLS, speaks to us by another name, and says for whom it asks
    def outside(who: str, site: str, path: str, **form: str) -> httpx.Response:
        told = {"Host": "127.0.0.1:8750", "X-Forwarded-Host": "console.shop.example", "X-Forwarded-Proto": "https"}
        app: Any = call.app
        behind: Any = ProxyHeadersMiddleware(app, trusted_hosts="127.0.0.1")  # as uvicorn has it
        headers = {**told, "X-Forwarded-For": who, "Origin": site}
        return Caller(behind, "127.0.0.1")("POST", path, data=form, headers=headers)

    ours, link = "https://console.shop.example", "secret-of-a-link"
    sessions.make_link(engine.store, link, "ana@till")

    entered = outside("203.0.113.9", ours, "/console/sign-in", key=READ)
    strange = outside("203.0.113.9", "https://evil.example", "/console/sign-in", key=READ)
    afar = outside("127.0.0.1, 203.0.113.9", ours, "/console/enter", token=link)
    here = outside("127.0.0.1", ours, "/console/enter", token=link)

    assert (entered.status_code, strange.status_code, afar.status_code, here.status_code) == (303, 403, 403, 303)
    assert entered.headers["location"] == "/console/"
    assert "secure" in entered.headers["set-cookie"].lower().split("; ")
    tries = [outside(f"203.0.113.{n % 2}", ours, "/console/sign-in", key="guess").status_code for n in range(38)]
    assert set(tries) == {401}  # each address has tries of its own


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/console//evil.example", "/console/\\evil"])
def test_signing_in_leads_to_our_own_pages_only(call: Caller, to: str) -> None:
    answer = call("POST", "/console/sign-in", data={"key": READ, "to": to})

    assert answer.headers["location"] == "/console/"


def test_a_form_from_elsewhere_does_nothing(engine: Engine, call: Caller) -> None:
    visitor = Visitor(call, ADMIN)

    forged = [
        visitor("POST", "/sign-out", data={}),
        visitor("POST", "/sign-out", data={"csrf": "0" * 64}),
        visitor("POST", "/sign-out", data={"csrf": visitor.token()}, headers={"Sec-Fetch-Site": "cross-site"}),
        visitor("POST", "/sign-out", data={"csrf": visitor.token()}, headers={"Origin": "https://evil.example"}),
        visitor("POST", "/journeys/welcome/kill", data={}),
        visitor("POST", "/journeys/welcome/kill", data={}, headers={"Accept": "text/event-stream"}),
    ]

    assert [answer.status_code for answer in forged] == [303, 303, 403, 403, 403, 403]
    assert standings(engine.store) == {}
    assert visitor.get("/audit").status_code == 200  # still here
    away = call("POST", "/console/sign-in", data={"key": READ}, headers={"Sec-Fetch-Site": "cross-site"})
    assert away.status_code == 403


def test_every_answer_forbids_what_is_not_ours(call: Caller) -> None:
    visitor = Visitor(call, ADMIN)
    answers = [
        visitor.get("/audit"),
        visitor.get("/nothing/here"),
        call("GET", "/console/sign-in"),
        call("POST", "/console/sign-in", data={"key": "wrong"}),
        call("POST", "/console/sign-in", data={"key": READ}),
        call("GET", "/console/static/x/console.js"),
        call("GET", "/console/static/x/..%2fapp.py"),
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 200, 401, 303, 200, 404]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        if "text/html" in answer.headers.get("content-type", ""):
            assert " style=" not in answer.text
            assert " on" not in answer.text.partition("<body")[2].split(">", 1)[0]
            assert "http://" not in answer.text.replace("http://www.w3.org/", "")
            assert "https://" not in answer.text


def test_what_others_wrote_is_shown_and_not_run(call: Caller) -> None:
    hostile = '"><script>alert(1)</script>'

    pages = [
        call("GET", "/console/sign-in", params={"to": f"/console/{hostile}"}),
        call("GET", "/console/enter", params={"token": hostile}),
        Visitor(call, ADMIN).get(f"/{hostile}"),
    ]

    for page in pages:
        assert "<script>alert" not in page.text


def test_language_and_light_are_chosen_and_kept(call: Caller) -> None:
    chosen = call("GET", "/console/sign-in?lang=fr&to=%2Fconsole%2Faudit")
    dark = call("GET", "/console/sign-in?theme=dark")
    then = call(
        "GET", "/console/sign-in", headers={"Cookie": "parcours_lang=fr; parcours_theme=dark", "Accept-Language": "en"}
    )

    assert chosen.headers["location"] == "/console/sign-in?to=%2Fconsole%2Faudit"
    assert "parcours_lang=fr" in chosen.headers["set-cookie"]
    assert "parcours_theme=dark" in dark.headers["set-cookie"]
    assert '<html lang="fr" data-theme="dark">' in then.text
    assert "Se connecter" in then.text


def test_another_language_keeps_the_page_and_what_it_was_asked(call: Caller) -> None:
    visitor = Visitor(call, ADMIN)
    (link,) = re.findall(r'href="/console(/audit[^"]*lang=fr)"', visitor.get("/audit?show=visits").text)

    there = visitor.get(link.replace("&amp;", "&"))
    outside = call("GET", "/console/sign-in?to=/console/audit")

    assert there.headers["location"] == "/console/audit?show=visits"
    assert 'href="/console/sign-in?lang=fr&amp;to=%2Fconsole%2Faudit"' in outside.text
