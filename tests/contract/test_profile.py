"""Looking at a customer, handing out what is held, and erasing: nothing of them stays anywhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.channels.providers.outbox import OutboxSender
from engine.model.errors import SetupError, UnknownProfile
from engine.model.ids import profile_id, shard_of
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import keys
from engine.runtime.audit import entries
from engine.runtime.bells import ADVANCE, Noted
from engine.runtime.clock import Clock
from engine.runtime.dead import letters
from engine.runtime.engine import Engine
from engine.runtime.held import everything, summary
from engine.runtime.orders import Erase
from engine.runtime.people import erase, merge
from engine.runtime.pump import drain
from engine.runtime.refused import keep
from engine.runtime.relay import append_home, order_append
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.dying import Dying, Killed, leases_end
from tests.contract.shop import HOUR, START, Recording, agreed, event, happened, joined, shop
from tests.contract.test_merge import ADDRESS, ANA, KNOWN, LINK, VISITOR, by
from tests.contract.test_merge import shop as nameless_shop


def traces(store: Store, *words: str) -> list[str]:
    """Every key whose name or content has one of these words in it."""
    found = []
    for name in store.redis.scan_iter(count=1_000):
        kind = store.redis.type(name)
        if kind == b"string":
            content = store.redis.get(name)
        elif kind == b"hash":
            content = store.redis.hgetall(name)
        elif kind == b"zset":
            content = store.redis.zrange(name, 0, -1)
        elif kind == b"list":
            content = store.redis.lrange(name, 0, -1)
        else:
            content = store.redis.xrange(name)
        text = f"{name!r} {content!r}".lower()
        found += [f"{name.decode()}: {word}" for word in words if word.lower() in text]
    return found


class Files(FixedSenders):
    """Messages as files; they go with an erasure."""

    def __init__(self, folder: Path) -> None:
        self.outbox = OutboxSender(folder)
        super().__init__(**{"*": self.outbox})

    def forget(self, profile: str) -> None:
        self.outbox.forget(profile)


def test_an_erasure_in_mid_journey_leaves_nothing_and_old_events_without_effect(store: Store, tmp_path: Path) -> None:
    made = shop(store, Recording())
    engine = Engine(store, made.plans, Files(tmp_path), Noted())
    told = [agreed(), joined(home_store="lyon"), event("page_viewed", "p1", page="secret page")]
    engine.accept(told)
    drain(engine)
    # given a welcome that has left, and an offer that is planned
    assert len(list(tmp_path.rglob("*.html"))) == 1
    held = everything(engine, "ana@fernhill.example")
    assert held["journeys"][0]["journey"] == "welcome"
    assert len(traces(store, "fernhill")) >= 3
    # when she is erased
    assert erase(engine, "customer_id:ana", "an operator")
    # then nothing is left of her, not even a file
    assert traces(store, "ana", "secret page", profile_id("customer_id", "ana"), "fernhill") == []
    assert list(tmp_path.rglob("*.html")) == []
    assert [(kind, rule) for kind, rule in happened(store)] == [("ended", "erased")]
    assert [each.what for each in entries(store)] == ["erase"]
    with pytest.raises(UnknownProfile):
        summary(engine, "customer_id:ana")
    # and the same events again do nothing
    again = engine.accept(told)
    drain(engine)
    assert {type(answer).__name__ for answer in again} == {"Duplicate"}
    assert traces(store, "fernhill") == []
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    assert list(tmp_path.rglob("*.html")) == []
    # but a new one begins a new customer
    engine.accept([joined("e2")])
    drain(engine)
    assert summary(engine, "ana")["attributes"]["customer_id"] == "ana"
    assert [each["id"] for each in everything(engine, "ana")["events"]] == ["e2"]


def test_an_erasure_that_a_worker_carries_out_takes_the_files_along(store: Store, tmp_path: Path) -> None:
    made = shop(store, Recording())
    engine = Engine(store, made.plans, Files(tmp_path), Noted())
    engine.accept([agreed(), joined()])
    drain(engine)
    assert len(list(tmp_path.rglob("*.html"))) == 1
    append_home(store, engine.bells, [order_append(Erase(profile=ANA), "x1")])
    store.ready.add(ADVANCE, [shard_of(ANA)])
    engine.advance_round()
    assert list(tmp_path.rglob("*.html")) == []


def test_an_erasure_takes_along_what_sources_sent_of_the_customer_that_was_no_event(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([joined(), joined("b1", "7001234")])
    drain(engine)
    bodies: list[Any] = [{"to": "Ana@Fernhill.example"}, {"to": {"id": "ana"}}, {"id": 7001234}, {"to": "anabel"}]
    keep(store, "a source", {}, [(body, "it knows no such event") for body in bodies], START)
    assert erase(engine, "customer_id:ana", "an operator")
    assert [letter.sent for letter in letters(store)] == [
        {"body": {"id": 7001234}, "headers": {}},
        {"body": {"to": "anabel"}, "headers": {}},
    ]
    assert erase(engine, "customer_id:7001234", "an operator")
    assert len(letters(store)) == 1


def test_an_erasure_reaches_what_was_merged(store: Store) -> None:
    engine = nameless_shop(store, Recording())
    engine.accept(KNOWN)
    drain(engine)
    engine.accept([LINK])
    drain(engine)
    held = everything(engine, ADDRESS["email"])
    assert held["merged"] == [VISITOR]
    assert {each["id"] for each in held["events"]} == {"v1", "a1", "c1", "l1"}
    assert [each["message"] for each in held["messages"]] == ["welcome"]
    assert "there" in held["messages"][0]["parts"]["text"]
    assert erase(engine, VISITOR, "an operator")  # by whatever she is known
    assert traces(store, ANA, VISITOR, "fernhill", "'ana'") == []
    assert {type(answer).__name__ for answer in engine.accept([*KNOWN, LINK])} == {"Duplicate"}


def test_an_erasure_that_is_interrupted_is_finished(redis_url: str) -> None:
    points, survived = 0, False
    while not survived:
        points += 3
        store = Store.open(redis_url)
        store.redis.flushall()
        store.close()
        store = Store.open(redis_url)
        engine = nameless_shop(store, Recording())
        engine.accept(KNOWN)
        drain(engine)
        engine.accept([LINK])
        drain(engine)
        frail = Store.open(redis_url)
        Dying(frail, points)
        try:
            erase(Engine(frail, engine.plans, engine.senders, Noted()), ANA, "an operator")
            survived = True
        except Killed:
            pass
        frail.close()
        leases_end(store, ANA, VISITOR)
        drain(engine)
        left = traces(store, ANA, VISITOR, "fernhill", "'ana'")
        if left:  # the order itself had not been written: everything is as it was
            assert summary(engine, ANA)["attributes"]["orders"] == 2, (points, left)
            assert erase(engine, ANA, "an operator")
            assert traces(store, ANA, VISITOR, "fernhill", "'ana'") == []
        store.close()
    assert points > 15


def test_events_behind_an_erasure_begin_anew(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([event("order_placed", "o1", total=1)])
    append_home(store, engine.bells, [order_append(Erase(profile=ANA), "x1")])
    engine.accept([event("order_placed", "o2", total=2)])
    drain(engine)
    assert summary(engine, ANA)["attributes"]["orders"] == 1


def test_an_operator_merges_two_whom_nothing_has_brought_together(store: Store) -> None:
    provider = Recording()
    engine = nameless_shop(store, provider)
    engine.accept(KNOWN)
    drain(engine)
    assert merge(engine, "customer_id:ana", ADDRESS["email"], "an operator") == (ANA, True)
    found = summary(engine, ADDRESS["email"])
    assert (found["profile"], found["customer"], found["merged"]) == (ANA, "customer_id:ana", [VISITOR])
    assert [each["journey"] for each in found["journeys"]] == ["welcome"]
    with pytest.raises(SetupError, match="one customer already"):
        merge(engine, "ana", ADDRESS["email"], "an operator")


def test_two_numbers_are_two_people_unless_an_operator_knows_better(store: Store) -> None:
    engine = shop(store, Recording())
    engine.accept([event("order_placed", "o1", total=1), event("order_placed", "o2", customer="bob", total=1)])
    drain(engine)
    with pytest.raises(SetupError, match=r"their customer_id differs.*--force"):
        merge(engine, "ana", "bob", "an operator")
    assert merge(engine, "ana", "bob", "an operator", forced=True)[1]
    found = summary(engine, "customer_id:bob")
    assert (found["profile"], found["attributes"]["orders"]) == (ANA, 2)
    engine.accept([by({"customer_id": "bob"}, "order_placed", "o3", total=1)])
    drain(engine)
    assert summary(engine, "ana")["attributes"]["orders"] == 3


def test_the_commands_show_export_and_erase(redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from engine.cli.profile import command
    from engine.runtime.plans import publish
    from tests.contract.shop import sources

    store = Store.open(redis_url)
    engine = shop(store, Recording())
    publish(store, sources())
    engine.accept([agreed(), joined()])
    drain(engine)
    monkeypatch.setenv("PARCOURS_REDIS_URL", redis_url)
    monkeypatch.setenv("PARCOURS_WORKSPACE", str(tmp_path))

    def run(*words: str) -> str:
        done = CliRunner().invoke(command, list(words))
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    shown = run("show", "ana")
    assert "customer_id:ana" in shown
    assert "email/marketing granted" in shown
    assert "welcome at " in shown
    assert json.loads(run("export", "customer_id:ana"))["consent"]["email/marketing"]["state"] == "granted"
    assert run("export", "ana", "--to", str(tmp_path / "ana.json")).startswith("Written to ")
    assert run("erase", "ana", "--yes") == "Erased.\n"
    assert store.redis.exists(keys.profile(shard_of(ANA), ANA)) == 0
    store.close()


def test_over_http_a_customer_is_identified_seen_handed_out_and_erased(store: Store) -> None:
    engine = nameless_shop(store, Recording())
    app = create_app(engine, Keys(["key"]))

    def ask(method: str, path: str, key: str = "key", **body: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
                return await client.request(method, path, headers={"X-API-Key": key}, json=body or None)

        return asyncio.run(go())

    def tell(id_: str, name: str, who: dict[str, str], **properties: Any) -> int:
        at = "2025-11-25T10:00:00Z"
        body: dict[str, Any] = {"id": id_, "event": name, "profile": who, "at": at, "properties": properties}
        answer = ask("POST", "/v1/events", **body)
        drain(engine)
        return answer.status_code

    # given a visitor, and a customer; then an event that says that they are one
    assert tell("v1", "account_created", ADDRESS) == 202
    assert tell("c1", "order_placed", {"customer_id": "ana"}, total=5) == 202
    assert tell("i1", "identified", {"customer_id": "ana", **ADDRESS}) == 202
    seen = ask("GET", f"/v1/profiles/{ADDRESS['email']}").json()
    assert (seen["customer"], seen["attributes"]["orders"]) == ("customer_id:ana", 1)
    assert seen["journeys"][0]["journey"] == "welcome"
    assert [each["event"] for each in ask("GET", "/v1/profiles/ana/export").json()["events"]] == [
        "account_created",
        "identified",
        "order_placed",
    ]
    # nothing is told without a key, and nobody is found who is not there
    assert [ask(method, "/v1/profiles/ana", "no").status_code for method in ("GET", "DELETE")] == [401, 401]
    assert ask("GET", "/v1/profiles/eve").status_code == 404
    # when she is erased, then she is gone, and told again the same does nothing
    assert ask("DELETE", "/v1/profiles/customer_id:ana").json() == {"status": "erased"}
    assert ask("GET", "/v1/profiles/ana").status_code == 404
    assert tell("v1", "account_created", ADDRESS) == 202
    assert traces(store, "fernhill", "'ana'") == []


def test_an_erasure_while_a_provider_has_the_message_leaves_nothing_either(store: Store) -> None:
    def meanwhile(outgoing: Outgoing) -> SendOutcome:
        assert erase(engine, ANA, "an operator")
        return SendOutcome("accepted")

    engine = shop(store, Recording(meanwhile))
    engine.accept([joined()])
    drain(engine)
    assert traces(store, ANA, "fernhill", "'ana'") == []
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    assert traces(store, ANA, "fernhill", "'ana'") == []
