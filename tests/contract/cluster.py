"""A real cluster on the loopback interface: three primaries, each with a replica if asked for."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from engine.runtime.redis_binary import find_binary

SLOTS = 16_384
NODE_TIMEOUT_MS = 1_000


class Node:
    """One server of the cluster."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        home = folder / str(self.port)
        home.mkdir()
        settings = {
            "port": self.port,
            "cluster-port": _free_port(),
            "bind": "127.0.0.1",
            "dir": home,
            "cluster-enabled": "yes",
            "cluster-node-timeout": NODE_TIMEOUT_MS,
            "cluster-replica-validity-factor": 0,
            "appendonly": "yes",
            "save": "",
            "repl-diskless-sync-delay": 0,
        }
        words = [str(word) for name, value in settings.items() for word in (f"--{name}", value)]
        with (home / "log").open("wb") as log:
            self.process = subprocess.Popen([find_binary(), *words], stdout=log, stderr=log)
        self.client: Any = redis.Redis(port=self.port)
        self.bus = settings["cluster-port"]
        wait_for(self._answers)
        self.name = str(self.client.execute_command("CLUSTER MYID"), "ascii")  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()

    def info(self, field: str) -> str:
        """A field of CLUSTER INFO."""
        return str(self.client.execute_command("CLUSTER INFO")[field])

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.client.ping())
        return False


class Cluster:
    """`primaries` and their `replicas`, in the same order; `url` is what PARCOURS_REDIS_URL says."""

    def __init__(self, folder: Path, replicas: bool) -> None:
        self.primaries = [Node(folder) for _ in range(3)]
        self.replicas = [Node(folder) for _ in range(3)] if replicas else []
        self.nodes = [*self.primaries, *self.replicas]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.primaries)

    def join(self) -> None:
        share = SLOTS // 3 + 1
        for place, node in enumerate(self.primaries):
            node.client.execute_command("CLUSTER ADDSLOTSRANGE", place * share, min((place + 1) * share, SLOTS) - 1)
        for node in self.nodes[1:]:
            node.client.execute_command("CLUSTER MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0].bus)
        wait_for(lambda: all(node.info("cluster_known_nodes") == str(len(self.nodes)) for node in self.nodes))
        for primary, replica in zip(self.primaries, self.replicas, strict=False):
            replica.client.execute_command("CLUSTER REPLICATE", primary.name)
        wait_for(lambda: all(node.info("cluster_state") == "ok" for node in self.nodes))
        wait_for(lambda: all(each.client.info("replication")["master_link_status"] == "up" for each in self.replicas))

    def empty(self) -> None:
        for node in self.primaries:
            node.client.flushall()
            node.client.function_flush()

    def primary_of(self, key: str) -> Node:
        """The node that serves a key."""
        slot = int(self.primaries[0].client.execute_command("CLUSTER KEYSLOT", key))
        return self.primaries[slot // (SLOTS // 3 + 1)]


@contextmanager
def cluster(folder: Path, *, replicas: bool = False) -> Iterator[Cluster]:
    """A running cluster."""
    made = Cluster(folder, replicas)
    try:
        made.join()
        yield made
    finally:
        for node in made.nodes:
            node.kill()


def wait_for(holds: object, seconds: float = 20.0) -> None:
    """Until it holds. Raises AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until, "the cluster did not come to that"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
