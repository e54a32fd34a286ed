"""Asking from the console: the same answer as a channel app gets, and nothing comes of it. Messages as they look."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape

import pytest

from engine.api.auth import Keys
from engine.console import aside
from engine.console.app import add_console
from engine.console.aside import Aside
from engine.console.pages import messages
from engine.runtime import keys
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.asked import App
from tests.contract.caller import Caller
from tests.contract.seen import HERE, KEYS, READ, Visitor
from tests.contract.shop import START, joined
from tests.contract.test_console_people import words
from tests.contract.test_explain import at, open_shop

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)


@pytest.fixture
def app(store: Store) -> Iterator[App]:
    made = App(store)
    made.happens("order_placed", who={"customer_id": "ana"}, category="boots", total=80)
    yield made
    made.close()


@pytest.fixture
def me(app: App) -> Visitor:
    """Somebody who may read, in the console of the same application."""
    add_console(app.app, app.engine, Keys(KEYS), load())
    return Visitor(Caller(app.app, HERE), READ)


def kept(store: Store) -> dict[bytes, bytes]:
    """All that the store holds, but who looked and who is signed in."""
    found = {}
    for name in store.redis.scan_iter():
        if not name.startswith((b"parcours:looked", b"parcours:session", keys.VISITS.encode())):
            found[name] = store.redis.dump(name)
    return found


def chosen(me: Visitor, who: str = "customer_id:ana", at: str = "web.home") -> str:
    answer = me.do("/decisions", person=who, at=at)
    assert answer.status_code == 303
    return unescape(answer.headers["location"]).removeprefix("/console")


def test_the_answer_is_that_of_a_channel_app_with_its_reasons(app: App, me: Visitor) -> None:
    told = app.ask("app.home", explain=True)["decisions"][0]

    shown = words(me.get(chosen(me, at="app.home")))

    assert told["actions"]
    for action in told["actions"]:
        assert f"{action['rank']} {action['action']} {action['purpose']}" in shown
        assert f"{round(action['score'], 3)} score" in shown
        for part in action["content"].values():
            assert " ".join(part.split()) in shown or part.startswith("http")
    for removed in told["removed"]:
        assert removed["action"] in shown
        assert removed["place"] in shown
        assert removed["observed"].replace("T14:00:00Z", "") in shown or "Z" in removed["observed"]
    assert f"{len(told['actions']) + len(told['removed'])} actions were considered" in shown


def test_nothing_comes_of_asking(app: App, me: Visitor) -> None:
    asked = chosen(me)
    me.get(asked)
    before = kept(app.engine.store)

    for path in (asked, f"{asked}&said=intent:%20browse", "/decisions", "/decisions?at=store.till"):
        assert me.get(path).status_code == 200
    app.asker.behind.flush()

    assert kept(app.engine.store) == before


def test_the_moment_is_played_with(app: App, me: Visitor) -> None:
    asked = chosen(me, at="web.basket")
    assert "basket.total is unknown" in words(me.get(asked))

    part = me.get(f"{asked}&said=colour:%20red%0Anonsense", x_part="answer")

    assert "'nonsense' does not fit what is declared, and was left out." in words(part)
    assert "<html" not in part.text


def test_nobody_is_found_and_the_page_stays(me: Visitor) -> None:
    missed = me.do("/decisions", person="nobody@x.example", at="web.home")

    assert missed.status_code == 404
    assert "looked for it as" in unescape(missed.text)
    assert me.get("/decisions?who=c000000000000000000000000").status_code == 404
    assert me.get("/decisions?at=no.such.place").status_code == 200


def previewed(store: Store, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    from tests.contract.seen import console

    engine = open_shop(store)
    at(engine, START, joined())
    monkeypatch.setattr(messages, "ASIDE", Aside(aside.here))
    with console(engine) as call:
        return Visitor(call, READ)


def test_a_message_is_shown_on_all_channels_with_what_the_checks_say(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = previewed(store, monkeypatch)
    until = time.monotonic() + 60
    while "being checked" in words(me.get("/messages")):
        assert time.monotonic() < until
        time.sleep(0.02)

    listed, shown = words(me.get("/messages")), me.get("/messages/offer?in=en&as=sparse")

    assert "offer E-mail SMS vip welcome fine" in listed
    for label in ("E-mail", "Push", "SMS", "In store", "no step sends it this way", "Segments 1"):
        assert label in words(shown)
    frame = me.get("/messages/offer/html?in=en&as=full")
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "Ten percent" in frame.text
    # what is found stands with its line, in the list of findings and in the template
    assert re.search(r"journeys/welcome\.yaml:\d+|templates/messages/offer\.j2:\d+|Nothing is to be said", words(shown))
    assert "{% block headline %}An offer{% endblock %}" in unescape(shown.text)
    assert me.get("/messages/nothing").status_code == 404
    assert "No message of that name" in words(me.get("/messages?q=zzz", x_part="list"))
