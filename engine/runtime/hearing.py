"""A worker that hears no doorbell while some are waiting for it ends, and is started anew.

A client may come back from a broken connection to its broker and listen to nothing, without knowing. So a thread
of each worker looks whether doorbells lie in its queues while none reaches it: six looks in a row, a minute.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from celery.signals import task_received
from celery.worker import state

from engine.runtime.celery_bells import CeleryBells

LOOK_SECONDS = 10.0
DEAF_LOOKS = 6
END_SECONDS = 20.0
EXIT_CODE = 70

log = logging.getLogger("parcours.worker")


class Hearing:
    """Whether this process is deaf. `waiting` says how many doorbells nobody has taken; it raises what a broker's
    client raises when that does not answer, which proves nothing."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._heard = 0
        self._known = 0
        self._looks = 0

    def heard(self, **_: object) -> None:
        """A doorbell has come."""
        self._heard += 1

    def deaf(self) -> bool:
        """Look once. Looks are counted and not seconds, since a process may have stood still."""
        heard, self._known = self._heard != self._known, self._heard
        try:
            alone = not heard and self._waiting() > 0
        except Exception:  # each broker's client raises its own
            alone = False
        self._looks = self._looks + 1 if alone else 0
        return self._looks >= DEAF_LOOKS


def listen(bells: CeleryBells, queues: Sequence[str]) -> None:
    """Watch over this worker from now on."""
    hearing = Hearing(lambda: sum(bells.depth(queue) for queue in queues))
    task_received.connect(hearing.heard, weak=False)
    threading.Thread(target=_watch, args=(hearing,), daemon=True, name="hearing").start()


def _watch(hearing: Hearing) -> None:
    while not hearing.deaf():
        time.sleep(LOOK_SECONDS)
    log.error("doorbells wait and this worker hears none: it ends, to be started anew")
    state.should_stop = EXIT_CODE
    time.sleep(END_SECONDS)  # it finishes what it does, if it still can
    os._exit(EXIT_CODE)
