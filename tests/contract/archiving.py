"""An archiver in a process of its own, which kills itself at a chosen point."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context

from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime import keys, points
from engine.runtime.store import Store

FOREVER = "9999-12-31"  # all days before it are closed
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.contract.archiving", "engine.report.archive.erasures"])


def archive_and_die(url: str, folder: str, at: int) -> int:
    """Take a turn in a process that is killed at the `at`-th point it comes to; its exit code (-9 when it was)."""
    process = _PROCESSES.Process(target=_turn, args=(url, folder, at))
    process.start()
    process.join(60)
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _turn(url: str, folder: str, at: int) -> None:
    visits = 0

    def count(name: str) -> None:
        nonlocal visits
        visits += 1
        if visits == at:
            os.kill(os.getpid(), signal.SIGKILL)

    points.listener = count
    store = Store.open(url)
    store.redis.delete(keys.ARCHIVING)  # time has passed since the one before was killed
    turn(store, open_place(folder), 10, today=FOREVER)
    store.close()
