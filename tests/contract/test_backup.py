"""Back-up and restore as docs/machines.md says, step by step."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.model.errors import StoreMismatch
from engine.model.ids import profile_id, shard_of
from engine.model.profile import SCHEMA
from engine.runtime import keys
from engine.runtime.bells import Noted
from engine.runtime.blob import pack, read_profile
from engine.runtime.clock import Clock
from engine.runtime.embedded import find_or_bring
from engine.runtime.engine import Engine
from engine.runtime.explain import explain
from engine.runtime.ingest import Accepted, Duplicate
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.stops import pause, resume
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.shop import HOUR, START, Recording, agreed, joined, sources
from tests.unit.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "machines.md"


@contextmanager
def running(workspace: Path, provider: Recording) -> Iterator[Engine]:
    """The engine of a workspace on its own Redis, as `parcours up` starts it, its clock held."""
    with find_or_bring(load(workspace=workspace, redis_url=None)) as server:
        store = Store.open(server.url)
        yield Engine(store, PublishedPlans(store), FixedSenders(**{"*": provider}), Noted())
        store.close()


def say(word: str, folder: Path) -> None:
    """Run the block of the page that is marked with this word, in `folder`."""
    (block,) = [each for each in blocks(PAGE) if each.info == word]
    subprocess.run(["sh", "-euc", block.text], cwd=folder, check=True)


def test_a_back_up_brings_everything_back_and_nothing_leaves_twice(tmp_path: Path) -> None:
    # given a customer in the middle of a journey
    shop, restored, hot = tmp_path / "shop", tmp_path / "restored", tmp_path / "hot"
    for name, text in sources().items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text)
    before = Recording()
    with running(shop, before) as engine:
        Clock(engine.store).hold(START)
        publish(engine.store, sources())
        engine.accept([agreed(), joined()])
        drain(engine)
        # when it is copied while it runs
        redis = engine.store.redis
        redis.config_set("auto-aof-rewrite-percentage", 0)
        assert redis.info("persistence")["aof_rewrite_in_progress"] == 0
        copy = hot / ".parcours" / "redis" / "appendonlydir"
        copy.parent.mkdir(parents=True)
        shutil.copytree(shop / ".parcours" / "redis" / "appendonlydir", copy)
        redis.config_set("auto-aof-rewrite-percentage", 100)
        engine.accept([agreed("a2", customer="luc"), joined("e2", "luc")])
        drain(engine)
    # and packed when it is stopped, and unpacked as the page says
    say("backup", shop)
    say("restore", shop)
    assert [told[0] for told in before.told()] == ["ana@fernhill.example", "luc@fernhill.example"]
    # then the customers are where they were, and their events are still known
    after = Recording()
    with running(restored, after) as engine:
        ana = profile_id("customer_id", "ana")
        assert engine.accept([joined()]) == [Duplicate("e1", ana)]
        story = explain(engine, "ana")
        assert [line.told.kind for line in story.lines][-2:] == ["sent", "step"]
        assert story.planned[0].at == START + 2 * HOUR
        # and when everything stood still until it was said to be over, nothing that was due meanwhile leaves
        pause(engine.store, "*", "tester")
        Clock(engine.store).hold(START + 5 * HOUR)
        drain(engine)
        resume(engine.store, "*", "expire", "tester")
        drain(engine)
        assert after.told() == []
        assert explain(engine, "luc").lines[-1].told.reason.startswith("expired")
    # the hot copy holds what was there when it was made
    with running(hot, after) as engine:
        answers = engine.accept([joined(), joined("e2", "luc")])
        assert [type(each) for each in answers] == [Duplicate, Accepted]
        Clock(engine.store).hold(START + 2 * HOUR)
        drain(engine)
        assert ("ana@fernhill.example", "email", "offer") in after.told()


def test_an_older_release_does_not_touch_what_a_newer_one_wrote(redis_url: str) -> None:
    store = Store.open(redis_url)
    publish(store, sources())
    engine = Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())
    engine.accept([joined()])
    drain(engine)
    ana = profile_id("customer_id", "ana")
    key = keys.profile(shard_of(ana), ana)
    profile = read_profile(store.redis.hget(key, "b"))
    profile.schema = SCHEMA + 1
    newer = pack(profile)
    store.redis.hset(key, "b", newer)
    with pytest.raises(StoreMismatch, match="update this worker"):
        explain(engine, "ana")
    assert store.redis.hget(key, "b") == newer
    store.close()
