"""Clicks and openings: only of those who agreed, only to where the message led, only by people."""

from __future__ import annotations

import re

import pytest

from engine.channels.signed_link import Click, LinkSigner
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.runtime.blob import read_profile
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.people import erase
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.linked import BASE, BROWSER, POLICIES, SIGNER, browser, compiled, linked
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

SALE = "https://fernhill.example/sale?colour=fern%20%26%20moss&utm_source=parcours&utm_medium={}&utm_campaign=welcome"
ANA = profile_id("customer_id", "ana")


def watched(channel: str, state: str = "granted", id_: str = "s1") -> Event:
    return event("consent_changed", id_, channel=channel, purpose="statistics", state=state)


def offered(
    store: Store, channel: str = "email", *, agrees: bool = True, policies: str = POLICIES
) -> tuple[Engine, dict[str, str]]:
    """Ana's offer has left by a channel a minute ago; its parts."""
    engine = linked(store, provider := Recording(), compiled(policies))
    said = [agreed(channel=channel)] + ([watched(channel)] if agrees else [])
    engine.accept([*said, joined(phone="+33612345678")])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    Clock(store).hold(START + 2 * HOUR + 60_000)
    return engine, provider.sent[-1].rendered.parts


def own(text: str) -> list[str]:
    """The paths of our own links in a text, each once."""
    return list(dict.fromkeys(re.findall(rf"{BASE}(/[co]/[\w.-]+)", text)))


def heard(store: Store, name: str) -> list[object]:
    profile = read_profile(store.shards.profiles([ANA])[ANA])
    return [past.data.get("link", "") for past in profile.history.get(name, [])]


@pytest.mark.parametrize(("channel", "part"), [("email", "text"), ("sms", "text")])
def test_a_followed_link_arrives_and_is_heard_of_once(store: Store, channel: str, part: str) -> None:
    engine, parts = offered(store, channel)
    (path,) = [each for each in own(parts[part]) if each.startswith("/c/")]
    if channel == "sms":
        assert len(path) == 33
        assert "fernhill.example/sale" not in parts["text"]
    else:
        assert path in own(parts["html"])  # one address in all parts
    for _ in range(2):
        answer = browser(engine)("GET", path)
        assert (answer.status_code, answer.headers["location"]) == (302, SALE.format(channel))
        assert answer.headers["cache-control"] == "no-store"
    drain(engine)
    assert heard(store, "clicked") == [SALE.format(channel)]


def test_an_opened_mail_is_heard_of_once(store: Store) -> None:
    engine, parts = offered(store)
    (path,) = [each for each in own(parts["html"]) if each.startswith("/o/")]
    for _ in range(2):
        answer = browser(engine)("GET", path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    drain(engine)
    assert len(heard(store, "opened")) == 1
    assert "/o/" not in parts["text"]


@pytest.mark.parametrize(
    ("agrees", "policies"),
    [
        (False, POLICIES),
        (True, POLICIES.replace("  tracking", "  # tracking")),
        (True, POLICIES.replace("clicks: true, opens: true", "clicks: false")),
    ],
    ids=["who has not agreed", "no policy", "switched off"],
)
def test_nobody_is_watched_without_both_policy_and_consent(store: Store, agrees: bool, policies: str) -> None:
    _, parts = offered(store, agrees=agrees, policies=policies)
    assert own(parts["html"] + parts["text"]) == []
    assert SALE.format("email") in parts["text"]


def test_who_takes_the_consent_back_is_not_watched_any_more(store: Store) -> None:
    engine, parts = offered(store)
    engine.accept([watched("email", "denied", "s2")])
    drain(engine)
    for path in own(parts["html"]):
        assert browser(engine)("GET", path).status_code in (200, 302)
    drain(engine)
    assert heard(store, "clicked") == heard(store, "opened") == []


def test_machines_arrive_and_do_not_count(store: Store) -> None:
    engine, parts = offered(store)
    call = browser(engine)
    machines: list[dict[str, str]] = [
        {"User-Agent": BROWSER, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": "Mozilla/5.0"},
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "WhatsApp/2.23"},
        {"User-Agent": "python-requests/2.32"},
    ]
    for path in own(parts["html"]):
        for machine in machines:
            assert call("GET", path, headers=machine).status_code in (200, 302), machine
        assert call("HEAD", path).status_code in (200, 302)
    drain(engine)
    assert heard(store, "clicked") == heard(store, "opened") == []


def test_a_gateway_that_looks_within_seconds_does_not_count(store: Store) -> None:
    engine, parts = offered(store)
    Clock(store).hold(START + 2 * HOUR + 3_000)
    for path in own(parts["html"]):
        browser(engine)("GET", path)
    drain(engine)
    assert heard(store, "clicked") == heard(store, "opened") == []


def test_no_link_leads_elsewhere(store: Store) -> None:
    engine, parts = offered(store, "sms")
    call = browser(engine)
    (good,) = own(parts["text"])
    forged = LinkSigner(["another secret, of Eve"]).sign(Click("m" + "0" * 26, "https://eve.example/"))
    last = "A" if good[-1] != "A" else "B"
    changed = [good[:-1] + last, good[:5] + "x" + good[6:], good + "A", good + "/https://eve.example"]
    typed = ["https://eve.example", "%2F%2Feve.example", "A" * 5000, "é", forged]
    for path in [*changed, *(f"/c/{each}" for each in typed), "/o/x.gif", f"/o/{forged}.gif"]:
        answer = call("GET", path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers
    # what is signed and no web address leads nowhere either
    script = SIGNER.sign(Click("m" + "0" * 26, "javascript:alert(1)"))
    assert call("GET", f"/c/{script}").status_code == 404
    split = SIGNER.sign(Click("m" + "0" * 26, "https://fernhill.example/\r\nSet-Cookie: a=b"))
    assert "\n" not in call("GET", f"/c/{split}").headers["location"]


def test_after_an_erasure_links_still_lead_on_and_nobody_is_heard_of(store: Store) -> None:
    engine, parts = offered(store)
    erase(engine, "ana", "test")
    for path in own(parts["html"]):
        assert browser(engine)("GET", path).status_code in (200, 302)
    drain(engine)
    assert store.shards.profiles([ANA]) == {}


def test_a_short_link_whose_message_is_forgotten_leads_home(store: Store) -> None:
    engine, parts = offered(store, "sms")
    erase(engine, "ana", "test")
    (path,) = own(parts["text"])
    assert browser(engine)("GET", path).headers["location"] == "https://fernhill.example/"
