"""Run several programs as one: start in order, restart what dies, stop everything, leave nothing behind.

Each program is a process group of its own, so stopping it reaches its grandchildren (Celery's prefork
workers) as well. On Linux a program is also told to stop when its supervisor is killed outright.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from engine.model.errors import SetupError

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
QUICK_SECONDS = 10.0  # a death sooner than this after its start counts towards giving up
QUICK_DEATHS = 5
LONGEST_PAUSE = 8.0  # seconds between a death and the next start
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Program:
    """One program to keep running.

    `env` is the whole environment it gets. `ready` is asked until it says yes before the next one starts;
    None means ready at once. `stop_signal` asks it to finish what it does and leave.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[str]
    reader: threading.Thread
    since: float


@dataclass(slots=True)
class Supervisor:
    """Runs `programs` until it is told to stop. One supervisor runs once."""

    programs: Sequence[Program]
    out: TextIO = field(default_factory=lambda: sys.stdout)
    ready_seconds: float = READY_SECONDS
    stop_seconds: float = STOP_SECONDS
    pause_seconds: float = 0.25  # before the first restart; doubles up to LONGEST_PAUSE
    plain: bool = False  # hand lines of JSON on as they are, and put all others into such
    on_ready: Callable[[], None] | None = None  # called once, when all are ready
    _running: dict[str, _Running] = field(default_factory=dict)
    _deaths: dict[str, deque[float]] = field(default_factory=dict)
    _restart_at: dict[str, float] = field(default_factory=dict)
    _stopping: bool = False  # no Event: a signal that comes while its lock is held would wait for itself
    _pen: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Start all, keep them running, return after SIGINT, SIGTERM or `stop` when all have ended.

        Raises SetupError when a program is not ready in time or keeps dying; nothing runs then either.
        """
        with _signals_to(self._on_signal):
            try:
                for program in self.programs:
                    self._start(program)
                    self._await(program)
                if self.on_ready and not self._stopping:
                    self.on_ready()
                while not self._stopping:
                    self._look()
                    time.sleep(LOOK_SECONDS)
            finally:
                self._stop_all()

    def stop(self) -> None:
        """Make `run` end; may be called from any thread."""
        self._stopping = True

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, program: Program) -> None:
        if self._stopping:
            return
        if shutil.which(program.argv[0], path=program.env.get("PATH")) is None:
            raise SetupError(f"{program.name} cannot be started: there is no program {program.argv[0]}.")
        process = subprocess.Popen(
            [*_leash(program.stop_signal), *program.argv],
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        reader = threading.Thread(target=self._copy, args=(program.name, process.stdout), daemon=True)
        reader.start()
        self._running[program.name] = _Running(program, process, reader, time.monotonic())

    def _await(self, program: Program) -> None:
        until = time.monotonic() + self.ready_seconds
        while program.ready is not None and not self._stopping and not program.ready():
            if time.monotonic() > until:
                raise SetupError(f"{program.name} was not ready after {self.ready_seconds:.0f} seconds; see its lines.")
            self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        """Notice deaths and start again what is due."""
        now = time.monotonic()
        for name, running in list(self._running.items()):
            if running.process.poll() is not None:
                self._bury(running)
                self._restart_at[name] = now + self._pause(running, now)
        for program in self.programs:
            if self._restart_at.get(program.name, now + 1) <= now:
                del self._restart_at[program.name]
                self._start(program)

    def _pause(self, dead: _Running, now: float) -> float:
        """Seconds until `dead` may start again. Raises SetupError when it keeps dying."""
        name, code = dead.program.name, dead.process.returncode
        deaths = self._deaths.setdefault(name, deque(maxlen=QUICK_DEATHS))
        if now - dead.since >= QUICK_SECONDS:
            deaths.clear()
        deaths.append(now)
        if len(deaths) == QUICK_DEATHS:
            raise SetupError(f"{name} died {QUICK_DEATHS} times soon after its start ({_end(code)}); see its lines.")
        pause = min(self.pause_seconds * 2.0 ** (len(deaths) - 1), LONGEST_PAUSE)
        self._write(name, f"died ({_end(code)}); starts again in {pause:g} s")
        return pause

    def _stop_all(self) -> None:
        """End all, the last started first; whoever is not gone in time is killed with its whole group."""
        for running in reversed(list(self._running.values())):
            # Only the program itself is asked: a prefork master ends its own children in good order.
            if running.process.poll() is None:
                running.process.send_signal(running.program.stop_signal)
            try:
                running.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                self._write(running.program.name, f"did not stop in {self.stop_seconds:g} s and was killed")
            self._bury(running)

    def _bury(self, running: _Running) -> None:
        """Kill what is left of a program's group and take its last lines."""
        _signal_group(running.process, signal.SIGKILL)
        running.process.wait()
        running.reader.join(1.0)
        del self._running[running.program.name]

    def _copy(self, name: str, lines: TextIO) -> None:
        with lines:
            for line in lines:
                self._write(name, line.rstrip("\n"))

    def _write(self, name: str, line: str) -> None:
        width = max(len(program.name) for program in self.programs)
        text = f"{name:<{width}} | {line}"
        if self.plain:
            text = line if line.startswith("{") else json.dumps({"event": line, "process": name}, ensure_ascii=False)
        with self._pen, suppress(OSError):  # nobody reads us any more: the programs must still be able to write
            self.out.write(f"{text}\n")
            self.out.flush()


@contextmanager
def _signals_to(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """SIGINT and SIGTERM go to `handler` while this lasts. Only the main thread may ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _leash(number: signal.Signals) -> list[str]:
    """A command prefix: what follows gets this signal when its starter dies (Linux only).

    A prefix rather than a preexec_fn, which may deadlock once the supervisor has threads.
    """
    if sys.platform != "linux":
        return []
    script = (
        "import ctypes, os, sys;"
        "starter, number = map(int, sys.argv[1:3]);"
        "ctypes.CDLL(None).prctl(1, number);"  # 1 is PR_SET_PDEATHSIG; it survives exec
        "os.getppid() == starter or sys.exit(1);"  # it died before we asked
        "os.execvp(sys.argv[3], sys.argv[3:])"
    )
    return [sys.executable, "-IS", "-c", script, str(os.getpid()), str(int(number))]


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # all gone (macOS says it the second way)
        os.killpg(process.pid, number)


def _end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
