"""A worker that is killed at a chosen round trip to the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.model.ids import shard_of
from engine.runtime import keys
from engine.runtime.store import Store


class Killed(BaseException):
    """The process is gone; nothing of it catches this."""


class Dying:
    """Counts the round trips of a store, and dies at number `at`: before it, or after half of its commands (then
    only those of several commands count)."""

    def __init__(self, store: Store, at: int, *, halfway: bool = False) -> None:
        self.at, self.halfway, self.count = at, halfway, 0
        client = store.redis
        execute, pipeline = client.execute_command, client.pipeline

        def one(*words: Any, **options: Any) -> Any:
            if not self.halfway:
                self._next()
            return execute(*words, **options)

        def many(*words: Any, **options: Any) -> Any:
            pipe = pipeline(*words, **options)
            pipe.execute = self._pipeline(pipe, pipe.execute)
            return pipe

        client.execute_command, client.pipeline = one, many

    def _pipeline(self, pipe: Any, execute: Callable[..., Any]) -> Callable[..., Any]:
        def run(*words: Any, **options: Any) -> Any:
            if self.halfway and len(pipe.command_stack) < 2:
                return execute(*words, **options)
            if self.halfway and self.count + 1 == self.at:
                del pipe.command_stack[len(pipe.command_stack) // 2 :]
                execute(*words, **options)
            self._next()
            return execute(*words, **options)

        return run

    def _next(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Killed


def leases_end(store: Store, *profiles: str) -> None:
    """Time passes: nobody holds the shards of these profiles any more, and what was in somebody's hands is found."""
    for shard in map(shard_of, profiles):
        store.redis.delete(keys.lease(shard))
        for member in store.redis.zrange(keys.sending(shard), 0, -1):
            store.redis.zadd(keys.sending(shard), {member: 1})
