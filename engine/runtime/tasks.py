"""The tasks: each reads its arguments and calls the engine. What they do is said there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from engine.runtime.app import app
from engine.runtime.worker import engine, room_for, told_once

Task = TypeVar("Task", bound=Callable[..., None])


def task(name: str) -> Callable[[Task], Task]:
    """A task of this process's application."""
    return cast(Callable[[Task], Task], app().task(name=f"parcours.{name}"))


@task("advance")
def advance() -> None:
    """There are shards to be looked at."""
    engine().advance_round()


@task("deliver")
def deliver(channel: str) -> None:
    """Messages may leave by this channel."""
    with room_for(channel) as room, told_once():
        if room:
            engine().deliver_round(channel)


@task("recover")
def recover(shard: int) -> None:
    """Somebody died while sending."""
    engine().recover(shard)


@task("waves")
def waves(broadcast: str) -> None:
    """A broadcast has customers to reach."""
    engine().waves(broadcast)


@task("item_news")
def item_news() -> None:
    """The catalogue may have changed, and customers be interested."""
    engine().item_news()


@task("learn")
def learn() -> None:
    """There may be something to learn of actions."""
    engine().learn()


@task("sweep")
def sweep() -> None:
    """Recover everywhere, and forget what is old."""
    engine().sweep()
