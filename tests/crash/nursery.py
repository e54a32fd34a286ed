"""`python -m tests.crash.nursery`: forks the real commands from one process that has imported everything.

A worker that is killed every second must be back in a moment, and Python's imports alone take longer. Reads
{"name", "argv", "log", "env"} as lines of JSON, and writes {"born", "pid"} and {"died"} likewise. Each child leads a
process group. What its environment says:

CRASH_POINTS  "name:nth:what ...": when a process comes there the nth time, it (`self`) or its whole `group` is killed;
              with `stop` it is stopped until somebody lets it go on, with `note` nothing happens
CRASH_FOLDER  where a file of that name tells which process was there; each point is used up once
CRASH_LEASES  "advance ms,sending ms", when a test cannot wait as long as production does
CRASH_BEATS   "seconds between two sweeps,seconds of the lock", likewise
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any


def warm_up() -> None:
    """Import what the commands need, and make what they keep."""

    from engine.define.workspace import compile_sources
    from tests.crash.workspace import SOURCES

    compile_sources(SOURCES).sound()


def arm(points: str, folder: Path) -> None:
    """Listen for named points, before anything else runs."""
    from engine.runtime import points as named

    armed = {name: (int(nth), what) for name, nth, what in (word.split(":") for word in points.split())}
    come: Counter[str] = Counter()

    def listener(name: str) -> None:
        come[name] += 1
        nth, what = armed.get(name, (0, ""))
        if nth == 0 or come[name] < nth:
            return
        try:
            mark = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return
        os.write(mark, str(os.getpid()).encode())
        os.close(mark)
        if what == "stop":
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # of another thread's choice, it would be later
        elif what == "group":
            os.killpg(0, signal.SIGKILL)
        elif what == "self":
            os.kill(os.getpid(), signal.SIGKILL)

    if armed:
        named.listener = listener


def shorten(leases: str) -> None:
    """Leases that end sooner."""
    from engine.runtime import advance, commit, leaving, shardstore

    advance.LEASE_MS, commit.SENDING_LEASE = map(int, leases.split(","))
    for user in (leaving, shardstore):
        vars(user)["SENDING_LEASE"] = commit.SENDING_LEASE


def hurry(beats: str) -> None:
    """A beat that rings, and gives up its lock, sooner."""
    from functools import cache

    from engine.runtime import app
    from engine.settings import load

    sweep, lock = map(float, beats.split(","))
    make = app.make_app

    def hurried(settings: Any) -> Any:
        made = make(settings)
        made.conf.beat_schedule["sweep"]["schedule"] = sweep
        made.conf.update(redbeat_lock_timeout=lock, beat_max_loop_interval=lock / 5)
        return made

    app.app = cache(lambda: hurried(load()))


def live(order: dict[str, Any]) -> None:
    """In the child: become the command."""
    os.environ.clear()
    os.environ.update(order["env"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for place, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(place, target)
    arm(os.environ["CRASH_POINTS"], Path(os.environ["CRASH_FOLDER"]))
    if os.environ["CRASH_LEASES"]:
        shorten(os.environ["CRASH_LEASES"])
    if os.environ["CRASH_BEATS"]:
        hurry(os.environ["CRASH_BEATS"])
    from engine.cli.main import main

    sys.argv = ["parcours", *order["argv"]]
    main()


def serve() -> None:
    """Until nobody asks any more."""
    asked = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.03)
        if ready:
            piece = os.read(0, 65_536)
            if not piece:
                return
            *lines, asked = (asked + piece).split(b"\n")
            for line in lines:
                _bear(json.loads(line))
        _bury()


def _bear(order: dict[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        try:
            live(order)
        finally:
            os._exit(1)
    with suppress(OSError):  # both do it: whoever is first, nobody kills the wrong group
        os.setpgid(child, child)
    _say({"born": order["name"], "pid": child})


def _bury() -> None:
    while True:
        try:
            child, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        _say({"died": child})


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    warm_up()
    serve()
