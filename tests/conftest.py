"""What every test may use: a clean environment, and a real Redis of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings

from engine.runtime.embedded import RedisServer, find_or_bring
from engine.settings import PREFIX, load

# Shared machines are slow at times; a property is about what holds, not about how fast.
hypothesis_settings.register_profile("parcours", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis_settings.load_profile("parcours")


# What starts servers, processes or browsers, or checks whole workspaces again and again: right to have, too
# slow to wait for after every change.
SLOW = (
    "tests/acceptance/",
    "tests/contract/",
    "tests/crash/",
    "tests/unit/channels/test_apns.py",
    "tests/unit/channels/test_fcm.py",
    "tests/unit/channels/test_reports.py",
    "tests/unit/channels/test_ses.py",
    "tests/unit/channels/test_webpush.py",
    "tests/unit/channels/test_smtp_misbehaves.py",
    "tests/unit/define/condition/test_properties.py",
    "tests/unit/define/test_checks.py",
    "tests/unit/define/test_diff_answers.py",
    "tests/unit/define/test_planted.py",
    "tests/unit/define/test_slips.py",
    "tests/unit/docs/test_examples.py",
    "tests/unit/docs/test_statuses.py",
    "tests/unit/examples/test_grocer_events.py",
    "tests/unit/examples/test_grocer_workspace.py",
    "tests/unit/examples/test_warehouse.py",
    "tests/unit/report/test_reading.py",
    "tests/unit/journey/test_merge_properties.py",
    "tests/unit/journey/test_properties.py",
    "tests/unit/journeys/test_from_the_catalogue.py",
    "tests/unit/project/test_requirements.py",
    "tests/unit/project/test_rooms.py",
    "tests/unit/project/test_setup.py",
    "tests/unit/render/test_hostile.py",
    "tests/unit/render/test_hostile_templates.py",
    "tests/unit/render/test_problems.py",
    "tests/unit/render/test_safety.py",
    "tests/unit/report/measures/test_hostile.py",
    "tests/unit/report/measures/test_recomputed.py",
    "tests/unit/report/measures/test_shared.py",
    "tests/unit/report/measures/test_small_measures.py",
    "tests/unit/report/measures/test_value.py",
    "tests/unit/report/test_draft.py",
    "tests/unit/runtime/test_embedded.py",
    "tests/unit/runtime/test_supervise.py",
    "tests/unit/testing/test_run.py",
    "tests/unit/testing/test_stories_command.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by where it stands."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real server for the whole session. It keeps what tests write: see `redis_url`."""
    with find_or_bring(load(workspace=tmp_path_factory.mktemp("redis"), redis_url=None)) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a real and empty Redis."""
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        client.function_flush()
    return redis_server.url
