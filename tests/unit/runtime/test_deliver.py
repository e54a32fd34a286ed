"""How the messages that may leave are shared out over the outboxes of many shards."""

from __future__ import annotations

from typing import cast

import pytest

from engine.runtime.bells import Noted
from engine.runtime.deliver import BATCH, Delivery, _shared_out
from engine.runtime.store import Store
from tests.contract.shop import Recording, joined, shop


@pytest.mark.parametrize(
    ("granted", "due", "most"),
    [
        (10, {1: 3, 2: 4}, {1: 3, 2: 4}),  # enough for all
        (5, {1: 3, 2: 4, 3: 1}, {1: 3, 2: 2, 3: 0}),  # the last one waits, and is not forgotten
        (5, {1: 0, 2: 4}, {2: 4}),  # nothing is due there
    ],
)
def test_tokens_are_shared_out_in_the_order_of_the_outboxes(
    granted: int, due: dict[int, int], most: dict[int, int]
) -> None:
    assert _shared_out(granted, due) == most


def test_messages_of_many_shards_are_claimed_together(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given one message each in more shards than a batch holds
    store = Store.open(redis_url)
    engine = shop(store, provider := Recording())
    count = BATCH + 5
    engine.accept([joined(f"e{number}", f"c{number}") for number in range(count)])
    assert isinstance(engine.bells, Noted)
    for shard in sorted(engine.bells.shards):
        engine.advance(shard)
    # when they leave
    claims: list[int] = []
    ask = store.shards.claim

    def counted(*arguments: object) -> object:
        claims.append(1)
        return ask(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store.shards, "claim", cast(object, counted))
    assert engine.deliver("email") == count
    # then all have, with few claims
    assert len(provider.sent) == count
    assert len(claims) <= 8
    store.close()


def test_the_slice_ends_with_its_time_and_says_what_is_left(redis_url: str) -> None:
    store = Store.open(redis_url)
    engine = shop(store, Recording())
    over = Delivery(store, engine.plans, engine.senders, "email", until=0.0)
    assert over.all_of([3, 4]) == [3, 4]
    store.close()
