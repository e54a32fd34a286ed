"""Real processes: a Redis that comes back when it is killed, and the engine's own, which do so too."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from engine.runtime.redis_binary import find_binary


class RedisProcess:
    """A server with an append-only file, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        words = f"--port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec --save ''".split()
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [find_binary(), "--dir", str(self.folder), *(word.strip("'") for word in words)], stdout=log, stderr=log
            )
        assert wait_until(self._answers, 20.0), "Redis did not start"

    def kill(self) -> None:
        """kill -9, and start again on the same file."""
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis(port=self.port) as client:
            return bool(client.ping())
        return False


class Nursery:
    """The process that all others are forked from (`nursery.py`). One is enough for any number of installations."""

    def __init__(self, folder: Path) -> None:
        with (folder / "nursery.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def bear(self, order: dict[str, Any]) -> None:
        """Have a process started; its birth and its death will be told."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            for listener in list(self.listeners):
                listener(json.loads(line))


class Processes:
    """The engine's processes by name, each with a group of its own. What dies is started again, as `up` does it."""

    def __init__(self, nursery: Nursery, commands: dict[str, list[str]], env: dict[str, str], folder: Path) -> None:
        self._nursery, self._commands, self._env, self._folder = nursery, commands, env, folder
        self._pids: dict[str, int] = {}
        self._over = False
        self.deaths: list[str] = []
        nursery.listeners.append(self._heard)
        for name in commands:
            self._start(name)
        assert wait_until(lambda: len(self._pids) == len(commands), 120.0), "the nursery is silent; see its log"

    def kill(self, name: str) -> None:
        """SIGKILL for a whole process group."""
        with suppress(ProcessLookupError):
            os.killpg(self._pids[name], signal.SIGKILL)

    def pid(self, name: str) -> int:
        """The process that has this name now."""
        return self._pids[name]

    def kill_child(self, name: str, choose: Callable[[list[int]], int]) -> None:
        """SIGKILL for one child of a process, say of a prefork pool; nothing when it has none."""
        group = self._pids[name]
        if children := [pid for pid in _group(group) if pid != group]:
            with suppress(ProcessLookupError):
                os.kill(choose(children), signal.SIGKILL)
            self.deaths.append(f"a child of {name}")

    def freeze(self, name: str) -> int:
        """SIGSTOP for a whole group; the group, for `thaw`."""
        group = self._pids[name]
        os.killpg(group, signal.SIGSTOP)
        return group

    def thaw(self, group: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)

    def stop(self) -> None:
        """Kill everything, for good."""
        self._over = True
        wait_until(self._all_killed, 10.0, 0.02)
        self._nursery.listeners.remove(self._heard)

    def _all_killed(self) -> bool:
        for pid in self._pids.values():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        return not self._pids

    def _start(self, name: str) -> None:
        log = str(self._folder / f"{name}.log")
        self._nursery.bear(
            {"name": f"{self._folder}/{name}", "argv": self._commands[name], "log": log, "env": self._env}
        )

    def _heard(self, said: dict[str, Any]) -> None:
        folder, _, name = said.get("born", "").rpartition("/")
        if folder == str(self._folder):
            self._pids[name] = said["pid"]
            return
        name = next((name for name, pid in self._pids.items() if pid == said.get("died")), "")
        if name:
            with suppress(ProcessLookupError):
                os.killpg(said["died"], signal.SIGKILL)  # the children of a killed parent
            if self._over:
                del self._pids[name]
            else:
                self.deaths.append(name)
                self._start(name)


def wait_until(holds: Callable[[], Any], seconds: float, pause: float = 0.1) -> bool:
    """Whether it comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(pause)
    return False


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _group(leader: int) -> list[int]:
    """The processes of a group."""
    found = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout.split()
    return sorted(int(pid) for pid, group in zip(found[::2], found[1::2], strict=True) if int(group) == leader)
