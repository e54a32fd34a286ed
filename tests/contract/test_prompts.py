"""Prompts in stores over HTTP: seen by every till as they happen, taken by one associate, answered once."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from engine.define.workspace import compile_sources
from engine.runtime.client import is_cluster
from engine.runtime.engine import Engine
from engine.runtime.prompt_feed import Listener, PromptFeed
from engine.runtime.prompts import StorePromptSender
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.served import serving
from tests.contract.shop import Recording, event, joined, records, shop, sources
from tests.contract.tills import Till

WELCOME = """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
steps:
  - send: offer
    via: store
    time_to_live: 45m
  - wait_for: prompt_answered
    where: outcome is accepted
    up_to: 1h
    then: [{send: welcome, via: email}]
"""
KEY = {"Authorization": "Bearer till-key"}


@pytest.fixture
def engine(store: Store) -> Engine:
    built = compile_sources(sources(welcome=WELCOME)).sound()
    fixed = shop(store, Recording(), built)
    return Engine(store, fixed.plans, FixedSenders(store=StorePromptSender(store), email=Recording()), fixed.bells)


KEYS = ("prompt@lyon:till-key", "prompt+read:manager", "ingest:web")


def say(url: str, prompt: str, what: str, who: str = "marie", **more: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/prompts/{prompt}/{what}", headers=KEY, json={"associate": who, **more})


def test_a_visit_from_the_prompt_to_the_outcome(engine: Engine, store: Store) -> None:
    with serving(engine, KEYS) as url, Till(url, "lyon", KEY) as till:
        assert till.next().data["prompts"] == []
        # when a customer joins, the till sees it at once: what she may see, and apart from it what is said
        engine.accept([joined(home_store="lyon")])
        drain(engine)
        shown = till.next()
        assert shown.kind == "shown"
        assert shown.data["customer"] == "customer_id:ana"
        assert set(shown.data["text"]) == {"title", "body", "link"}
        assert "talk_track" in shown.data
        # when Marie takes it, Jules is told by whom and since when; Marie may say it again
        prompt = shown.data["id"]
        first = say(url, prompt, "claim").json()
        assert say(url, prompt, "claim").json() == first
        assert till.next().data["claim"] == first["claim"]
        taken = say(url, prompt, "claim", "jules")
        assert (taken.status_code, taken.json()["standing"], taken.json()["claim"]) == (409, "taken", first["claim"])
        assert say(url, prompt, "outcome", "jules", outcome="declined").status_code == 409
        # when she lets go of it, he may have it
        assert say(url, prompt, "release").status_code == 200
        assert till.next().kind == "released"
        assert say(url, prompt, "outcome", "jules", outcome="accepted").status_code == 200
        assert say(url, prompt, "outcome", "jules", outcome="accepted").status_code == 200
        assert say(url, prompt, "outcome", "jules", outcome="declined").status_code == 409
        said = till.next()
        assert (said.kind, said.data["associate"], said.data["outcome"]) == ("answered", "jules", "accepted")
        drain(engine)
        # then the journey that waited for it went on, once, and a purchase withdraws nothing
        assert [each.message for each in records(store) if each.kind == "sent"] == ["offer", "welcome"]
        engine.accept([event("order_placed", "e3", total=5)])
        drain(engine)
        assert httpx.get(f"{url}/v1/stores/lyon/prompts", headers=KEY | {"Accept": "application/json"}).json() | {
            "now": 0
        } == {"store": "lyon", "now": 0, "count": 0, "prompts": []}


def test_a_purchase_is_told_at_once_and_a_till_that_was_away_misses_nothing(engine: Engine) -> None:
    with serving(engine, KEYS) as url:
        with Till(url, "lyon", KEY) as till:
            till.next()
            engine.accept([joined(home_store="lyon"), joined("e2", customer="luc", home_store="lyon")])
            drain(engine)
            seen = till.next()
        # given a till that has seen one of two prompts when its connection breaks
        engine.accept([event("order_placed", "e3", total=5)])
        drain(engine)
        with Till(url, "lyon", KEY, after=seen.id) as till:
            told = [till.next(), till.next()]
        # then it is told the rest in order, without what it knows, and without words that are withdrawn
        kinds = [each.kind for each in told if each.kind]
        assert kinds in (["shown", "withdrawn"], ["withdrawn"])
        assert told[-1].data["reason"] == "goal"
        withdrawn = told[-1].data["id"]
        assert say(url, withdrawn, "claim").status_code == 410
        # and an id that nobody knows any more gives the whole picture
        with Till(url, "lyon", KEY, after="5-0") as till:
            (left,) = till.next().data["prompts"]
        assert left["id"] != withdrawn


def test_every_process_tells_every_till_over_few_connections(engine: Engine, store: Store) -> None:
    feeds = [PromptFeed(engine), PromptFeed(engine)]
    listeners = [Listener("lyon", lambda: None) for _ in range(60)]
    others = [Listener("paris", lambda: None)]
    for place, listener in enumerate([*listeners, *others]):
        feeds[place % 2].join(listener)
    engine.accept([joined(f"e{n}", customer=f"c{n}", home_store="lyon") for n in range(5)])
    drain(engine)
    heard: dict[int, list[str]] = {}
    until = time.monotonic() + 10
    while time.monotonic() < until and any(len(heard.get(n, ())) < 5 for n in range(60)):
        for n, listener in enumerate(listeners):
            heard.setdefault(n, []).extend(each.about for each in listener.take())
        time.sleep(0.01)
    assert len(set(heard[0])) == 5
    assert all(each == heard[0] for each in heard.values())
    assert others[0].take() == []
    if not is_cluster(store.url):  # sixty tills and two processes, and no connection for each
        assert len(store.redis.client_list()) < 10
    for feed in feeds:
        feed.close()
    assert all(listener.over for listener in listeners)


def test_a_key_is_for_its_store_and_for_prompts(engine: Engine) -> None:
    with serving(engine, KEYS) as url:
        engine.accept([joined(home_store="paris")])
        drain(engine)
        manager = {"Authorization": "Bearer manager", "Accept": "application/json"}
        (prompt,) = httpx.get(f"{url}/v1/stores/paris/prompts", headers=manager).json()["prompts"]

        assert httpx.get(f"{url}/v1/stores/paris/prompts", headers=KEY).status_code == 403
        assert say(url, prompt["id"], "claim").status_code == 404
        assert httpx.get(f"{url}/v1/stores/lyon/prompts", headers={"X-API-Key": "web"}).status_code == 403
        assert httpx.get(f"{url}/v1/stores/lyon/prompts").status_code == 401
        assert say(url, "nothing", "claim").status_code == 404
        for who in ("", " ", "a\nb", "x" * 201):
            assert say(url, prompt["id"], "claim", who).status_code == 422
        assert say(url, prompt["id"], "outcome", outcome="perhaps").status_code in (404, 422)
