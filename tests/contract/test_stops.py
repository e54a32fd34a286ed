"""Pause, resume and kill on a real store, by the commands that an operator gives."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.cli.main import main
from engine.runtime import keys, stops
from engine.runtime.audit import entries
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.leaving import Leaving
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, happened, joined, shop, sources


@pytest.fixture(autouse=True)
def _here(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url)
    monkeypatch.setattr(stops, "SECOND_LOOK_SECONDS", 0.0)


def said(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def inside(store: Store) -> tuple[Engine, Recording]:
    """Ana has had the first message of the shop's journey and waits two hours for the next."""
    provider = Recording()
    fixed = shop(store, provider)
    publish(store, sources())
    engine = Engine(store, PublishedPlans(store), fixed.senders, fixed.bells)
    engine.accept([agreed(), joined()])
    drain(engine)
    return engine, provider


@pytest.mark.parametrize(("way", "leaves"), [("--continue", 5), ("--shift", 6), ("--expire", None)])
def test_a_journey_is_paused_and_goes_on(store: Store, way: str, leaves: int | None) -> None:
    engine, provider = inside(store)
    Clock(store).hold(START + HOUR)
    answer = said("pause", "welcome")
    assert answer.exit_code == 0, answer.output
    assert "welcome is paused" in answer.output
    for hour in range(2, 5):  # its wait would end in the second hour
        Clock(store).hold(START + hour * HOUR)
        drain(engine)
    assert len(provider.sent) == 1
    # when it goes on in the fifth hour
    Clock(store).hold(START + 5 * HOUR)
    assert said("resume", "welcome", way).output == "welcome goes on.\n"
    for hour in range(5, 9):
        Clock(store).hold(START + hour * HOUR)
        drain(engine)
    assert [(each.message, (each.at - START) // HOUR) for each in provider.sent[1:]] == (
        [("offer", leaves)] if leaves else []
    )
    assert happened(store)[-1] == ("ended", "completed" if leaves else "expired")
    assert store.shards.look(["email"])[0].next_due() is None


def test_a_killed_journey_ends_for_all_and_starts_for_none(store: Store) -> None:
    engine, provider = inside(store)
    assert "everything is killed" in said("kill", "--all").output
    drain(engine)
    engine.accept([joined("e2", "bo")])
    drain(engine)
    assert happened(store)[-2:] == [("ended", "killed"), ("flagged", "killed")]
    assert said("resume", "--all").exit_code == 0
    engine.accept([joined("e3", "cy")])
    drain(engine)
    assert [each.label for each in provider.sent] == ["customer_id:ana", "customer_id:cy"]


def test_what_makes_no_sense_is_answered_with_a_sentence(store: Store) -> None:
    inside(store)
    for words, sentence in (
        (("pause",), "Name a journey, or say --all."),
        (("pause", "welcome", "--all"), "Name a journey, or say --all."),
        (("kill", "welcom"), "No journey 'welcom' is deployed. Did you mean 'welcome'?"),
        (("resume", "welcome", "--shift"), "welcome is neither paused nor killed."),
    ):
        answer = said(*words)
        assert answer.exit_code
        assert sentence in answer.output
    said("pause", "welcome")
    assert "continue, shift or expire" in said("resume", "welcome").output
    assert "paused already" in said("pause", "welcome").output
    # and who did what stays on record
    assert [(each.at, each.what, each.details) for each in entries(store)][:1] == [
        (START, "pause", {"journey": "welcome"})
    ]
    assert "@" in entries(store)[0].who


@pytest.mark.parametrize("word", ["pause", "kill"])
def test_a_worker_that_has_not_heard_of_a_stop_lets_nothing_out(
    store: Store, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, provider = inside(store)
    engine.accept([joined("e2", "bo")])
    for shard in keys.EVERY_SHARD:
        engine.advance(shard)
    # given a worker that stood still since before the stop, and still decides by what it read then
    before = store.pulse()
    monkeypatch.setattr(Leaving, "pulse", lambda self: before)
    monkeypatch.setattr(store, "wake_everyone", lambda: 0)
    Clock(store).hold(START + 1_000)
    (stops.pause if word == "pause" else stops.kill)(store, "welcome", "ana")
    # then its shard refuses what it wants to send, and the message waits in its outbox
    engine.deliver("email")
    assert len(provider.sent) == 1
    # when the journey goes on
    monkeypatch.undo()
    Clock(store).hold(START + 2_000)
    stops.resume(store, "welcome", "continue" if word == "pause" else None, "ana")
    drain(engine)
    assert len(provider.sent) == (2 if word == "pause" else 1)
    assert happened(store)[-1] == (("sent", "welcome") if word == "pause" else ("ended", "killed"))
    assert not any(store.redis.exists(keys.stops(shard)) for shard in keys.EVERY_SHARD)


def test_the_shards_are_told_again_by_the_sweep(store: Store) -> None:
    engine, _ = inside(store)
    stops.pause(store, "welcome", "ana")
    store.redis.delete(keys.stops(7))
    engine.sweep()
    assert {store.redis.hget(keys.stops(shard), "welcome") for shard in keys.EVERY_SHARD} == {b"paused"}


def test_of_two_operators_at_once_one_sees_what_the_other_did(store: Store) -> None:
    inside(store)
    before = store.redis.hget(keys.FLAGS, "welcome") or b""
    stops.pause(store, "welcome", "ana")
    assert store.call("swap", [keys.FLAGS], "welcome", before, b"{}") == 0
    assert stops.standings(store)["welcome"].by == "ana"


def test_without_anything_that_runs_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARCOURS_REDIS_URL")
    answer = said("pause", "--all", "-w", str(tmp_path))
    assert answer.exit_code == 1
    assert "Nothing runs in this workspace: start it with `parcours up`" in answer.output


def test_an_operator_may_do_the_same_over_http(store: Store) -> None:
    engine, _ = inside(store)
    key = {"X-API-Key": "key"}

    async def asked() -> list[tuple[int, dict[str, Any]]]:
        transport = httpx.ASGITransport(create_app(engine, Keys(["key"])))
        found = []
        async with httpx.AsyncClient(transport=transport, base_url="http://parcours", headers=key) as client:
            for method, path in (
                ("GET", ""),
                ("POST", "/welcome/pause"),
                ("POST", "/welcome/pause"),
                ("GET", ""),
                ("POST", "/welcome/resume"),
                ("POST", "/welcome/resume?how=shfit"),
                ("POST", "/welcome/resume?how=shift"),
                ("POST", "/welcom/kill"),
                ("POST", "/*/kill"),
            ):
                answer = await client.request(method, f"/v1/journeys{path}")
                found.append((answer.status_code, answer.json()))
            client.headers.pop("X-API-Key")
            found.append(((await client.post("/v1/journeys/welcome/kill")).status_code, {}))
        return found

    answers = asyncio.run(asked())
    assert [status for status, _ in answers] == [200, 200, 409, 200, 409, 422, 200, 404, 200, 401]
    version = engine.running().plan.journeys["welcome"].version
    welcome = {"journey": "welcome", "version": version, "stopped": None, "inside": {version: 1}}
    assert answers[0][1] == {"journeys": [welcome]}
    assert answers[3][1] == {"journeys": [welcome | {"stopped": "paused"}]}
    assert answers[2][1]["detail"] == "welcome is paused already."
    assert "Did you mean 'welcome'?" in answers[7][1]["detail"]
    assert (answers[8][1]["journey"], answers[8][1]["stopped"]) == ("*", "killed")
    assert {each.who.partition(", key ")[0] for each in entries(store)[:3]} == {"the HTTP interface"}
