"""What keeps the channels of one delivering worker apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.channels import OUTBOXES
from engine.runtime import worker


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PARCOURS_DELIVER_THREADS", "2")
    worker._room.cache_clear()
    yield
    worker._room.cache_clear()


@pytest.mark.usefixtures("two_at_once")
def test_a_hung_channel_takes_its_own_room_and_no_other_channels() -> None:
    # given two e-mail slices that hang
    with worker.room_for("email") as first, worker.room_for("email") as second:
        assert (first, second) == (True, True)
        # then a third does not wait for them, and push has all its room
        with worker.room_for("email") as third, worker.room_for("push") as other:
            assert (third, other) == (False, True)
    with worker.room_for("email") as again:
        assert again is True


@pytest.mark.usefixtures("two_at_once")
def test_the_pool_has_a_thread_for_all_that_the_bounds_allow() -> None:
    assert worker.deliver_pool() == 2 * len(OUTBOXES)
