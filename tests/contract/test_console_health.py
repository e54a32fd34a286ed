"""The console's health and overview: what waits, what was set aside and taken up again, in the store's figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.console import fresh
from engine.journey import core
from engine.runtime.audit import entries
from engine.runtime.dead import letters
from engine.runtime.engine import Engine
from engine.runtime.heartbeat import Heart
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.seen import ADMIN, OPERATE, READ, Visitor, console, text
from tests.contract.shop import Recording, event, joined, records, shop


@pytest.fixture
def engine(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(fresh, "PACE", 0.0)
    made = shop(Store.open(redis_url), Recording())
    yield made
    made.store.close()


def shown(page: str) -> dict[str, str]:
    """The large figures of a page by their names."""
    found = re.findall(r"<dt>([^<]+)</dt><dd><strong>([^<]+)</strong>", page)
    return dict(found)


def test_what_waits_is_what_the_store_says(engine: Engine) -> None:
    engine.accept([joined(f"e{n}", f"c{n}") for n in range(5)])
    with console(engine) as call:
        visitor = Visitor(call, READ)
        before = visitor.get("/health").text
        drain(engine)
        Heart(engine.store, "advance").beat()
        after = visitor.get("/health").text

    assert shown(before)["To be decided"] == "5"
    assert "Nobody works" in before
    assert shown(after) | {"To be decided": "0", "Wait for a time": "5", "Set aside": "0"} == shown(after)
    assert "moves customers" in after


def test_what_was_set_aside_is_shown_and_taken_up_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an event on which the core fails, whose fault quotes a stranger
    def broken(*args: object) -> None:
        raise ValueError("<script>alert(1)</script>")

    with monkeypatch.context() as patched:
        patched.setattr(core, "process", broken)
        engine.accept([joined("e1", "ana")])
        drain(engine)
    (letter,) = letters(engine.store)

    with console(engine) as call:
        reader, operator = Visitor(call, READ), Visitor(call, OPERATE)
        page = reader.get("/health")
        assert shown(page.text)["Set aside"] == "1"
        assert "account_created e1" in text(page)
        assert "<script>alert" not in page.text
        assert "Take up" not in text(page)
        assert reader.do("/health/replay", id=letter.id).status_code == 403
        done = operator.do("/health/replay", id=letter.id)
        again = operator.get("/health?again=1")
        drain(engine)
        overview = Visitor(call, ADMIN).get("/")

    # then it is decided, and who asked for it is written down
    assert done.headers["location"] == "/console/health?again=1"
    assert "1 letter was taken up again" in text(again)
    assert shown(again.text)["Set aside"] == "0"
    replayed = [each for each in entries(engine.store) if each.what == "replay"]
    assert [(each.details["taken_up"], "operate key" in each.who) for each in replayed] == [(1, True)]
    sent = sum(each.kind == "sent" for each in records(engine.store))
    assert shown(overview.text) | {"Customers": "1", "Messages sent": str(sent), "Inside journeys now": "1"} == shown(
        overview.text
    )
    assert sent == 1


def test_the_examination_is_the_doctors_and_the_live_part_is_told(engine: Engine) -> None:
    engine.accept([event("page_viewed", "v1", page="x")])
    drain(engine)
    with console(engine) as call:
        visitor = Visitor(call, READ)
        whole, part = visitor.get("/health/examined"), visitor.get("/health/examined", X_Part="findings")
        live = visitor.get("/health", X_Part="live")

    assert "timers nothing waits for a time" in text(whole)
    assert part.text.strip().startswith("<ul")
    assert live.text.strip().startswith("<dl")
    assert shown(live.text)["To be decided"] == "0"
