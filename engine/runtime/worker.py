"""What a worker process has: one engine, made after the fork, and a bound on each channel's share of it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache

from engine.channels import OUTBOXES
from engine.model.errors import ParcoursError, SetupError
from engine.runtime.app import app, state_url
from engine.runtime.calm import settle
from engine.runtime.celery_bells import CeleryBells
from engine.runtime.engine import Engine
from engine.runtime.pace import Pace, pace_of
from engine.runtime.releases import watch
from engine.runtime.store import Store
from engine.settings import load

TELL_AGAIN_SECONDS = 60.0
log = logging.getLogger("parcours.worker")
_told: dict[str, float] = {}
_engines: dict[int, Engine] = {}
_making = threading.Lock()


def engine() -> Engine:
    """The engine of this process. Raises SetupError or StoreMismatch."""
    with _making:
        found = _engines.get(os.getpid())
        if found is None:
            _engines.clear()  # a parent's connections are not ours
            settings = load()
            url = state_url(settings)
            found = _engines[os.getpid()] = Engine.of(settings, url, CeleryBells(app(), Store(url)))
            watch(found.store, found.plans, "worker", settle)
        return found


@cache
def _room(channel: str) -> Pace:
    return pace_of(channel, load().deliver_threads)


def room_for(channel: str) -> AbstractContextManager[bool]:
    """Whether one more slice of this channel may run here: a hung provider must not take all threads.

    False is no loss: whoever works on the channel takes what is ready, and the ticker rings again.
    """
    return _room(channel).room()


@contextmanager
def told_once() -> Iterator[None]:
    """What is not set up is said in one line, at most once a minute; the work waits."""
    try:
        yield
    except SetupError as fault:
        now = time.monotonic()
        if now - _told.get(str(fault), -TELL_AGAIN_SECONDS) >= TELL_AGAIN_SECONDS:
            _told[str(fault)] = now
            log.error("%s", fault)


def deliver_pool() -> int:
    """Threads of a delivering worker: each channel's bound, so that no channel waits for another."""
    return load().deliver_threads * len(OUTBOXES)


def warm_up(pool: str) -> None:
    """Have each process make its engine and load the plan when it starts, not with its first doorbell.

    `pool` is prefork, whose parent needs none, or threads.
    """
    from celery.signals import worker_process_init, worker_process_shutdown, worker_ready

    def warm(**_: object) -> None:
        with suppress(ParcoursError):  # no plan yet: the first doorbell will say so
            engine().running()

    def ended(pid: int | None = None, **_: object) -> None:
        from engine.runtime.prometheus import gone

        gone(pid or os.getpid())

    signal = worker_process_init if pool == "prefork" else worker_ready
    signal.connect(warm, weak=False)
    worker_process_shutdown.connect(ended, weak=False)
