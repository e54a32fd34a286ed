"""What takes longer than a page may: done by another process, asked for by key, remembered while it is wanted.

Whoever asks gets nothing until it is done, and shows meanwhile that it is under way. The process that answers
requests is not slowed down by it, and a fault there is no fault here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import msgspec

from engine.console.words import N_
from engine.model.ids import token
from engine.runtime.logs import scrubbed

JOBS: Mapping[str, str] = {
    "lint": "engine.console.linting",
    "machine": "engine.console.machine",
    "report": "engine.console.reporting",
}  # name -> the module whose `run` does it
SECONDS = 120.0
TOO_LONG = N_("it was not done in two minutes")
MEMORY: Mapping[str, int] = {"lint": 2 << 30, "machine": 4 << 30}  # bytes; reports read archives of any size
MOST = 32  # results that are remembered, the latest used ones
WAITING = 8  # jobs under way or in the queue: more are not taken


@dataclass(slots=True)
class Job:
    """`result` is there when it is `done`, or `fault` says why not."""

    done: bool = False
    result: Any = None
    fault: str = ""


class Aside:
    """The jobs of this process; one runs at a time, in a process of its own. Threads share it."""

    def __init__(self, do: Callable[[str, bytes], bytes] | None = None) -> None:
        self._do = do or elsewhere
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock, self._turn = threading.Lock(), threading.Lock()

    def ask(self, name: str, given: Any) -> Job:
        """The job of this name on `given` (plain data): begun when it is asked for first."""
        packed = msgspec.msgpack.encode(given)
        key = token("aside", name, packed.hex())
        with self._lock:
            job = self._jobs.get(key)
            if job is not None:
                self._jobs.move_to_end(key)
                return replace(job)  # as it is now: a page that is being drawn does not change under way
            if sum(not each.done for each in self._jobs.values()) >= WAITING:
                return Job(True, fault=N_("too much is being tried at once: look again in a minute"))
            job = self._jobs[key] = Job()
            while len(self._jobs) > MOST:
                self._jobs.popitem(last=False)
        threading.Thread(target=self._run, args=(job, name, packed), name=f"aside-{name}", daemon=True).start()
        return Job()

    def _run(self, job: Job, name: str, packed: bytes) -> None:
        with self._turn:
            try:
                job.result = msgspec.msgpack.decode(self._do(name, packed))
            except Exception as fault:  # the page says it; what else it shows is not affected
                job.fault = scrubbed(str(fault)) or type(fault).__name__
            job.done = True


def elsewhere(name: str, packed: bytes) -> bytes:
    """Do a job in a process of its own. Raises RuntimeError with its last words."""
    command = [sys.executable, "-m", "engine.console.aside", name]
    try:
        made = subprocess.run(command, input=packed, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise RuntimeError(TOO_LONG) from None
    if made.returncode != 0:
        raise RuntimeError(made.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:400] or N_("it died"))
    return made.stdout


def here(name: str, packed: bytes) -> bytes:
    """Do a job in this process."""
    made: Any = import_module(JOBS[name]).run(msgspec.msgpack.decode(packed))
    return msgspec.msgpack.encode(made)


def modest(name: str) -> None:
    """Have this process take what others leave of the machine, and no more memory than a job may need."""
    import resource

    os.nice(10)  # what shops ask comes first
    most = MEMORY.get(name)
    if most is not None:  # a draft may go on and on: better it dies than something else
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    modest(sys.argv[1])
    sys.stdout.buffer.write(here(sys.argv[1], sys.stdin.buffer.read()))
