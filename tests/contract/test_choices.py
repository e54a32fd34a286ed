"""Unsubscribing and the preference page: without a login, safe whoever holds the link."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from engine.channels.signed_link import Click, LinkSigner, Unsubscribe
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.model.span import DAY
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.store import Store, StoreError
from tests.contract.linked import BASE, POLICIES, SIGNER, browser, compiled, linked
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

ANA = profile_id("customer_id", "ana")
HERS = "ana@fernhill.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
TITLED = POLICIES.replace("{marketing: {}", "{marketing: {title: {en: News, fr: Actualités}}").replace(
    "tracking: {purpose: statistics, clicks: true, opens: true}", "max_lateness: 48h"
)


def opened(store: Store, *more: Event) -> tuple[Engine, Recording, str, str]:
    """Ana has agreed to marketing by e-mail and has got an offer; the paths of her two pages."""
    engine = linked(store, provider := Recording(), compiled(TITLED))
    engine.accept([agreed(), joined(phone="+33612345678"), *more])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    text = provider.sent[-1].rendered.parts["text"]
    found = {each[:3]: each for each in re.findall(rf"{BASE}(/[up]/[\w-]+)", text)}
    return engine, provider, found["/u/"], found["/u/"].replace("/u/", "/p/")


def consent(store: Store, cell: str = "email/marketing") -> str:
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    return profile.consent[cell].state if cell in profile.consent else "unknown"


def offer_again(engine: Engine, provider: Recording, id_: str = "e2") -> int:
    """How many more messages of marketing leave when Ana's journey starts again."""
    before = len([each for each in provider.sent if each.message == "offer"])
    now = engine.store.clock().engine
    engine.accept([Event(id=id_, name="account_created", profile={"customer_id": "ana"}, at=now, received=now)])
    drain(engine)
    Clock(engine.store).hold(now + 3 * HOUR)
    drain(engine)
    return len([each for each in provider.sent if each.message == "offer"]) - before


def form(answer: httpx.Response, **changed: bool) -> dict[str, list[str] | str]:
    """What a browser would send of the page's first form; `email_marketing=False` unchecks a box."""
    text = answer.text
    token = re.findall(r'name="form" value="([\w-]+)"', text)
    boxes = re.findall(r'id="([\w-]+)" value="([^"]+)"( checked)?', text)
    yes = [value for _, value, on in boxes if changed.get(value.replace("/", "_"), bool(on))]
    return {"form": token[0], "yes": yes}


def test_looking_changes_nothing_and_one_click_ends_it_at_once(store: Store) -> None:
    engine, provider, path, _ = opened(store)
    call = browser(engine)
    for method in ("GET", "HEAD", "GET"):
        assert call(method, path).status_code == 200
    drain(engine)
    assert consent(store) == "granted"
    # given an offer that is due, and an inbox that lags
    now = engine.store.clock().engine
    engine.accept([Event(id="e2", name="account_created", profile={"customer_id": "ana"}, at=now, received=now)])
    drain(engine)
    Clock(store).hold(now + 3 * HOUR)
    engine.advance(int(provider.sent[0].message_id[1:3], 16))
    sent = len(provider.sent)
    for _ in range(3):
        answer = call("POST", path, data=ONE_CLICK)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    engine.deliver("email")
    assert len(provider.sent) == sent
    drain(engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert profile.consent["email/marketing"].state == "denied"
    assert profile.consent["email/marketing"].source == "one-click"
    assert len(profile.history["unsubscribed"]) == 1


def test_an_answer_that_was_cut_off_is_completed_by_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _, path, _ = opened(store)
    call = browser(engine)
    with monkeypatch.context() as broken:
        broken.setattr("engine.runtime.choices.append_home", lambda *_: 1 / 0)
        assert call("POST", path, data=ONE_CLICK).status_code == 500
    for _ in range(2):
        assert call("POST", path, data=ONE_CLICK).status_code == 200
    drain(engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert (profile.consent["email/marketing"].state, len(profile.history["unsubscribed"])) == ("denied", 1)


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00" * 50},
    ],
    ids=["a form", "multipart", "empty", "bytes"],
)
def test_every_post_to_the_link_unsubscribes(store: Store, body: dict[str, object]) -> None:
    engine, _, path, _ = opened(store)
    assert browser(engine)("POST", path, **body).status_code == 200
    drain(engine)
    assert consent(store) == "denied"


def test_a_person_is_asked_then_told_in_their_language(store: Store) -> None:
    engine, _, path, _ = opened(store)
    call = browser(engine)
    asked = call("GET", path + "?lang=fr")
    assert "Actualités" in asked.text
    assert '<html lang="fr">' in asked.text
    told = call("POST", path + "?lang=fr")
    assert "Vous êtes désabonné" in unescape(told.text)
    assert HERS not in asked.text + told.text
    assert "a•••@f•••.example" in told.text
    # who comes back is told how things stand, and is not asked again
    assert "<button>" not in call("GET", path).text


def test_the_preference_page_grants_and_denies_with_the_words_as_proof(store: Store) -> None:
    engine, provider, _, path = opened(store)
    call = browser(engine)
    page = call("GET", path)
    assert "+33•••78" in page.text
    assert "+33612345678" not in page.text
    saved = call("POST", path, data=form(page, email_marketing=False, sms_marketing=True))
    assert "Your choices are saved" in saved.text
    assert 'value="sms/marketing" checked' in saved.text  # although the inbox was not read yet
    drain(engine)
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    assert {cell: each.state for cell, each in profile.consent.items()} == {
        "email/marketing": "denied",
        "sms/marketing": "granted",
    }
    proof = profile.consent["sms/marketing"]
    assert (proof.source, proof.wording) == ("preference page", "Fernhill may write to me by text message: News")
    assert offer_again(engine, provider) == 1
    assert provider.sent[-1].channel == "sms"
    # and back again, by e-mail
    call("POST", path, data=form(call("GET", path), email_marketing=True))
    drain(engine)
    assert offer_again(engine, provider, "e3") == 1
    assert provider.sent[-1].channel == "email"


def test_a_form_that_is_sent_again_later_grants_nothing(store: Store) -> None:
    engine, _, path, centre = opened(store)
    call = browser(engine)
    call("POST", path)
    drain(engine)
    yes = form(call("GET", centre), email_marketing=True)
    call("POST", centre, data=yes)
    drain(engine)
    assert consent(store) == "granted"
    call("POST", path)
    drain(engine)
    assert "Something has changed" in call("POST", centre, data=yes).text
    drain(engine)
    assert consent(store) == "denied"


def test_nothing_is_granted_without_a_form_of_ours(store: Store) -> None:
    engine, _, path, centre = opened(store)
    call = browser(engine)
    call("POST", path)
    drain(engine)
    page = form(call("GET", centre), email_marketing=True)
    other = SIGNER.sign(Click("m" + "0" * 26, "https://fernhill.example/"))
    for token in ("", "x", other, str(page["form"])[:-2], str(page["form"]) + "AA"):
        assert "Something has changed" in call("POST", centre, data={**page, "form": token}).text
    # a form of another link
    foreign = SIGNER.sign(Unsubscribe("m" + "0" * 26, ANA, "email", HERS, "marketing"))
    assert "Something has changed" in call("POST", f"/p/{foreign}", data=page).text
    drain(engine)
    assert consent(store) == "denied"


def test_an_old_link_and_the_link_of_an_address_left_behind_can_only_deny(store: Store) -> None:
    engine, _, path, centre = opened(store)
    call = browser(engine)
    now = engine.store.clock().engine
    Clock(store).hold(now + 31 * DAY)
    page = call("GET", centre)
    assert 'value="sms/marketing" disabled' in page.text
    assert "can only switch off" in page.text
    call("POST", centre, data={**form(page), "yes": ["email/marketing", "sms/marketing"]})
    drain(engine)
    assert consent(store, "sms/marketing") == "unknown"
    Clock(store).hold(now + 1)
    moved = {"customer_id": "ana", "email": "new@fernhill.example"}
    engine.accept([Event(id="i1", name="identified", profile=moved, at=now, received=now)])
    drain(engine)
    assert "can only switch off" in call("GET", centre).text
    call("POST", centre, data={"none": "1"})
    drain(engine)
    assert (consent(store), consent(store, "sms/marketing")) == ("denied", "denied")
    assert call("POST", path).status_code == 200


def test_the_link_works_after_a_merge(store: Store) -> None:
    engine, _, path, _ = opened(store)
    both = {"customer_id": "ana", "card": "77"}
    engine.accept([Event(id="c1", name="page_viewed", profile={"card": "77"}, at=START, received=START)])
    engine.accept([Event(id="c2", name="page_viewed", profile=both, at=START + 1, received=START + 1)])
    drain(engine)
    assert browser(engine)("POST", path, data=ONE_CLICK).status_code == 200
    drain(engine)
    home = store.shards.home(ANA)
    assert read_profile(store.shards.profiles([home])[home]).consent["email/marketing"].state == "denied"


def test_the_link_of_an_erased_customer_still_refuses_for_the_address(store: Store) -> None:
    engine, provider, path, centre = opened(store)
    erase(engine, "ana", "test")
    call = browser(engine)
    page = call("GET", centre)
    assert "can only switch off" in page.text
    assert "+33" not in page.text
    assert call("POST", path).status_code == 200
    drain(engine)
    assert store.shards.profiles([ANA]) == {}
    # somebody who has the address now, and agreed before, is not written to
    engine.accept([agreed("a2", customer="eve"), event("page_viewed", "p1", customer="eve")])
    given = {"customer_id": "eve", "email": HERS}
    engine.accept([Event(id="e9", name="account_created", profile=given, at=START, received=START)])
    drain(engine)
    Clock(store).hold(START + 9 * HOUR)
    drain(engine)
    assert [each.message for each in provider.sent if each.profile != ANA] == ["welcome"]


def test_everybody_with_the_address_is_spared(store: Store) -> None:
    engine, provider, path, _ = opened(store)
    given = {"customer_id": "ben", "email": HERS}
    engine.accept(
        [
            Event(id="b1", name="account_created", profile=given, at=START, received=START),
            agreed("b2", customer="ben"),
        ]
    )
    browser(engine)("POST", path, data=ONE_CLICK)
    drain(engine)
    Clock(store).hold(START + 9 * HOUR)
    drain(engine)
    assert not [each for each in provider.sent if each.message == "offer" and each.profile != ANA]


def test_what_we_have_not_signed_is_no_link(store: Store) -> None:
    engine, _, path, _ = opened(store)
    call, token = browser(engine), path[3:]
    forged = LinkSigner(["another secret, of Eve"]).sign(Unsubscribe("m" + "0" * 26, ANA, "email", HERS, "marketing"))
    other = SIGNER.sign(Click("m" + "0" * 26, "https://fernhill.example/"))
    for typed in (token[:-1], token + "A", token.swapcase(), forged, other, "x", "%00", "é", "A" * 4000):
        for method, page in (("GET", "/u/"), ("POST", "/u/"), ("GET", "/p/"), ("POST", "/p/")):
            answer = call(method, page + typed)
            assert answer.status_code == 404, typed
            assert "This link does not work" in answer.text
    drain(engine)
    assert consent(store) == "granted"


def test_a_token_tells_nobody_the_address(store: Store) -> None:
    from base64 import urlsafe_b64decode

    _, _, path, _ = opened(store)
    raw = urlsafe_b64decode(path[3:] + "=" * (-len(path[3:]) % 4))
    assert b"ana" not in raw
    assert b"fernhill" not in raw


def test_one_link_and_one_guesser_are_slowed_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _, path, _ = opened(store)
    call, now = browser(engine), [1000.0]
    monkeypatch.setattr("engine.api.limit.monotonic", lambda: now[0])
    assert [call("GET", path).status_code for _ in range(61)] == [200] * 60 + [429]
    assert [call("GET", "/u/AAAA").status_code for _ in range(121)] == [404] * 120 + [429]
    # others go on, and so does the link after a second
    assert call("GET", "/c/AAAA").status_code == 404
    now[0] += 1.01
    assert [call("POST", path).status_code for _ in range(2)] == [200, 429]


class Looked(HTMLParser):
    """What a page holds, as far as it matters to those who cannot see it, and to those who fear it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


def test_the_pages_are_readable_by_everybody_and_ask_nobody_for_anything(store: Store) -> None:
    engine, _, path, centre = opened(store)
    call = browser(engine)
    for answer in (call("GET", path), call("GET", centre), call("POST", path), call("GET", "/u/x")):
        seen = Looked()
        seen.feed(answer.text)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert not seen.all("script") + seen.all("link") + seen.all("iframe")
        assert not [attrs for _, attrs in seen.tags if {"style", "onclick", "src"} & set(attrs)]
        assert [each["lang"] for each in seen.all("html")] == ["en"]
        assert len(seen.all("h1")) == len(seen.all("main")) == len(seen.all("title")) == 1
        labels = {each["for"] for each in seen.all("label")}
        assert {each["id"] for each in seen.all("input") if each["type"] == "checkbox"} == labels
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert HERS not in answer.text


def test_a_link_that_says_no_language_follows_the_browser(store: Store) -> None:
    engine, *_ = opened(store)
    call = browser(engine)
    wanted = {"fr-CA,fr;q=0.8,en;q=0.5": "fr", "de, en;q=0.3": "en", "en;q=0.1, fr": "fr", ";;;,q=": "en", "": "en"}
    for asks, lang in wanted.items():
        assert f'<html lang="{lang}">' in call("GET", "/u/x", headers={"Accept-Language": asks}).text, asks


def test_who_cannot_be_answered_is_shown_a_page_in_the_brands_words(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _, path, centre = opened(store)
    call, short = browser(engine), "/c/" + SIGNER.sign_number("m" + "0" * 26, 0)
    call("GET", path)  # the plan has been seen once

    def shown(method: str, where: str, **given: object) -> tuple[int, str]:
        answer = call(method, where, **given)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        title = re.search(r"<h1>(.*?)</h1>", unescape(answer.text))
        assert "Fernhill</header>" in answer.text, answer.text
        return answer.status_code, title[1] if title is not None else ""

    assert shown("POST", centre, content=b"x" * 70_000) == (413, "This link does not work")
    assert shown("GET", "/c/nothing") == (404, "This link does not work")
    monkeypatch.setattr(Store, "pulse", _away)
    for method, where in (("GET", path), ("POST", path), ("GET", centre), ("POST", centre)):
        assert shown(method, where + "?lang=fr") == (503, "Dans une minute, s\u2019il vous plaît"), (method, where)
    monkeypatch.setattr(store.redis, "hget", lambda *_: _away(store))
    assert shown("GET", short) == (503, "In a minute, please")
    # a process that has never seen a plan has a sentence of its own
    answer = browser(engine)("GET", path)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (503, "text/html")
    assert "try again" in answer.text


def _away(_: object) -> None:
    raise StoreError("gone")
