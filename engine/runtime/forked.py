"""Several processes that do the same: forked, watched, started again when they die, ended together."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable

log = logging.getLogger("parcours.forked")

PATIENCE = 10.0  # seconds to end in, then they are killed
LEAST_LIFE = 1.0  # one that dies sooner is started again only after a pause


def run_forked(count: int, work: Callable[[], None]) -> None:
    """Do `work` in `count` processes until SIGTERM or SIGINT, which reaches them as SIGTERM.

    To be called before threads are started or connections made. Raises nothing: a process that fails says so itself.
    """
    alive: dict[int, float] = {}
    ending: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: ending.append(number))
    while not ending:
        while len(alive) < count:
            alive[_fork(work)] = time.monotonic()
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            time.sleep(0.05)
        elif pid in alive:
            begun = alive.pop(pid)
            log.warning("process %d ended (%d): another takes its place", pid, os.waitstatus_to_exitcode(status))
            if time.monotonic() - begun < LEAST_LIFE:
                time.sleep(LEAST_LIFE)
    _end(set(alive))


def _fork(work: Callable[[], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        work()
        code = 0
    except Exception:
        log.exception("this process cannot go on")
    finally:
        logging.shutdown()
        os._exit(code)


def _end(alive: set[int]) -> None:
    for pid in alive:
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while alive and time.monotonic() < until:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        alive.discard(pid)
        time.sleep(0.02)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
