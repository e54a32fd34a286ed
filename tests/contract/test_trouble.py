"""A store or a broker that is away for a moment, while messages leave and events come in."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from engine.runtime.app import make_app
from engine.runtime.celery_bells import CeleryBells
from engine.runtime.commit import Commit
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted
from engine.runtime.pump import drain
from engine.runtime.shardstore import ShardStore
from engine.runtime.store import Store, StoreError
from engine.settings import load
from tests.contract.shop import Recording, happened, joined, shop


def lose(monkeypatch: pytest.MonkeyPatch, which: str, *, written: bool) -> None:
    """The first commit of this kind ('begin', 'end') gets no answer, whether it was written or not."""
    commit, lost = ShardStore.commit, list[str]()

    def loses(self: ShardStore, commits: Sequence[Commit]) -> list[str]:
        kinds = ["begin" if each.begin else "end" if each.message else "" for each in commits]
        if which in kinds and not lost:
            lost.append(which)
            if written:
                commit(self, commits)
            raise StoreError("the connection broke")
        return commit(self, commits)

    monkeypatch.setattr(ShardStore, "commit", loses)


@pytest.mark.parametrize("which", ["begin", "end"])
@pytest.mark.parametrize("written", [True, False])
def test_a_lost_answer_of_the_store_neither_doubles_nor_doubts_a_message(
    store: Store, monkeypatch: pytest.MonkeyPatch, which: str, written: bool
) -> None:
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    lose(monkeypatch, which, written=written)
    drain(engine)
    assert [each.message for each in provider.sent] == ["welcome"]
    assert happened(store) == [("started", ""), ("sent", "welcome")]
    assert not any(look.sending for look in store.shards.look(["email"]))


def test_a_process_that_stood_still_does_not_send_what_may_be_anothers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a worker that is stopped between the begin and the provider, for longer than its lease
    provider = Recording()
    engine = shop(store, provider)
    engine.accept([joined()])
    monkeypatch.setattr("engine.runtime.leaving.SENDING_LEASE", -1)
    drain(engine)
    # then it leaves the message to whoever finds the row
    assert provider.sent == []
    assert [look.sending for look in store.shards.look(["email"]) if look.sending] == [1]


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_events_are_accepted_while_the_broker_is_away(store: Store, broker: str) -> None:
    fixed = shop(store, Recording())
    bells = CeleryBells(make_app(load(redis_url="redis://127.0.0.1:1/1", broker_url=broker)), store)
    engine = Engine(store, fixed.plans, fixed.senders, bells)
    start = time.monotonic()
    answers = engine.accept([joined("e1", "ana")]) + engine.accept([joined("e2", "ben")])
    assert [type(answer) for answer in answers] == [Accepted, Accepted]
    assert time.monotonic() - start < 3.0  # and it is not asked again at once
