"""A store on a real server, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.runtime.store import Store


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    opened = Store.open(redis_url)
    yield opened
    opened.close()
