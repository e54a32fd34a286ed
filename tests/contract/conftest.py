"""A store, empty for each test: on one server, and on a real cluster for what must hold there as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.runtime.store import Store
from tests.contract.cluster import Cluster, cluster


@pytest.fixture(scope="session")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of three primaries for the whole session."""
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(params=["server", "cluster"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Each test that asks for it runs twice."""
    if request.param == "server":
        url = request.getfixturevalue("redis_url")
    else:
        nodes = request.getfixturevalue("three_nodes")
        nodes.empty()
        url = nodes.url
    opened = Store.open(url)
    yield opened
    opened.close()
