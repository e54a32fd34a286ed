"""Clients of the store's Redis: one server, or a cluster behind the same calls.

Both load the function library again where a server has lost it (FUNCTION FLUSH, a node that is new), and
repeat only what failed. See `cluster.py` for how a pipeline finds its nodes.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.client import Pipeline
from redis.retry import Retry

from engine.runtime.links import Links
from engine.runtime.lua import library

SOCKET_SECONDS = 20.0
POOL: dict[str, Any] = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": 5.0, "health_check_interval": 30}
CLUSTER = ("redis+cluster://", "rediss+cluster://")


def is_cluster(url: str) -> bool:
    """Whether the state at `url` lies on a Redis Cluster."""
    return url.startswith(CLUSTER)


def connect(url: str) -> Any:
    """A client of what is at `url`. What it says must bear being said again after a broken connection."""
    if is_cluster(url):
        from engine.runtime.cluster import ClusterClient

        return ClusterClient(url)
    return OneServer.from_url(url, retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 4), **POOL)


def lost_functions(answer: object) -> bool:
    """Whether this answer says that the server does not know our library."""
    return isinstance(answer, redis.ResponseError) and "Function not found" in str(answer)


def load(server: Any) -> None:
    """Load the library into one server, unless it is there. A replica has it from its primary."""
    name, source = library()
    if not server.function_list(library=name):
        server.function_load(source, replace=True)


class OneServer(redis.Redis):
    """A client of one server."""

    def load_functions(self) -> None:
        load(self)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
        if transaction:
            return super().pipeline(transaction=True)
        return HealingPipeline(self)

    @cached_property
    def links(self) -> Links:
        return Links(self.connection_pool)


class HealingPipeline(Pipeline):
    """A pipeline that brings lost functions back, and then repeats what needed them."""

    def __init__(self, server: OneServer) -> None:
        super().__init__(server.connection_pool, server.response_callbacks, False, None)
        self._links = server.links

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        commands, self.command_stack = self.command_stack, []
        if not commands:
            return []
        answers = self._links.ask(commands, self.response_callbacks)
        lost = [place for place, answer in enumerate(answers) if lost_functions(answer)]
        if lost:
            load(redis.Redis(connection_pool=self.connection_pool))
            again = self._links.ask([commands[place] for place in lost], self.response_callbacks)
            for place, answer in zip(lost, again, strict=True):
                answers[place] = answer
        if raise_on_error:
            self.raise_first_error(commands, answers)  # type: ignore[no-untyped-call]
        return answers
