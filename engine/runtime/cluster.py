"""A Redis Cluster behind the calls of a single server.

The keys of a shard carry its tag, so one function finds them all on one node. A pipeline is split by node:
one round trip for each node that it touches, in order of the commands. What a node refuses because a slot
has moved, or could not answer because it is gone, is asked again where the slot is now; so a failover costs
a pause and not an error, as long as it ends within PATIENCE seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.client import Pipeline
from redis.cluster import ClusterNode, RedisCluster
from redis.crc import key_slot
from redis.retry import Retry

from engine.model.errors import SetupError
from engine.runtime import keys
from engine.runtime.client import POOL, load, lost_functions

PATIENCE = 10.0  # seconds; a replica is promoted after the cluster's node time-out and an election
PAUSE, LONGEST_PAUSE = 0.05, 0.5
# The slot is elsewhere, or is not served for a moment: nothing was done, so asking again is always right.
MOVED = (
    redis.exceptions.MovedError,
    redis.exceptions.TryAgainError,
    redis.exceptions.ClusterDownError,
    redis.exceptions.MasterDownError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.SlotNotCoveredError,
)
GONE = (redis.ConnectionError, redis.TimeoutError)
Command = tuple[tuple[Any, ...], dict[str, Any]]


class ClusterClient(RedisCluster):
    """A client of a cluster at `redis+cluster://[user:password@]host:port[,host:port...]` (rediss+cluster: TLS)."""

    def __init__(self, url: str) -> None:
        retry = Retry(ExponentialBackoff(cap=LONGEST_PAUSE, base=PAUSE), 8)
        super().__init__(startup_nodes=_nodes(url), retry=retry, **_options(url), **POOL)

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        """Commands for any number of nodes; with `transaction`, for one key or for keys of one tag."""
        if transaction:
            return super().pipeline(transaction=True)  # type: ignore[no-untyped-call]
        return ClusterPipe(self)

    def load_functions(self) -> None:
        """Load the library into every primary."""
        for node in self.get_primaries():  # type: ignore[no-untyped-call]
            load(self.get_redis_connection(node))

    def mget(self, keys: Any, *args: Any) -> Any:
        return self.mget_nonatomic(keys, *args)

    def mset(self, mapping: Mapping[Any, Any]) -> Any:
        return self.mset_nonatomic(mapping)


class ClusterPipe(Pipeline):
    """Collects commands like any pipeline; `execute` brings each to the node of its key."""

    def __init__(self, cluster: Any) -> None:
        anyone = cluster.get_redis_connection(cluster.get_default_node())
        super().__init__(anyone.connection_pool, anyone.response_callbacks, False, None)
        self.nodes: Any = cluster

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        commands, self.command_stack = self.command_stack, []
        answers: list[Any] = [None] * len(commands)
        todo: Sequence[int] = range(len(commands))
        until, pause = time.monotonic() + PATIENCE, PAUSE
        while todo:
            self._ask(commands, todo, answers)
            todo = [place for place in todo if isinstance(answers[place], (*MOVED, *GONE))]
            if not todo or time.monotonic() > until:
                break
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._refresh()
        for answer in answers:
            if isinstance(answer, GONE):  # a single server raises these whatever the caller wants
                self._refresh()
                raise answer
        if raise_on_error:
            self.raise_first_error(commands, answers)  # type: ignore[no-untyped-call]
        return answers

    def _ask(self, commands: Sequence[Command], todo: Iterable[int], answers: list[Any]) -> None:
        parts: dict[str, list[int]] = {}
        for place in todo:
            try:
                parts.setdefault(self._node(commands[place][0]), []).append(place)
            except redis.exceptions.SlotNotCoveredError as fault:
                answers[place] = fault
        for name, places in parts.items():
            chosen = [commands[place] for place in places]
            for place, answer in zip(places, self._ask_node(name, chosen), strict=True):
                answers[place] = answer

    def _ask_node(self, name: str, commands: list[Command]) -> list[Any]:
        node = self.nodes.get_node(node_name=name)
        if node is None:
            return [redis.ConnectionError(f"{name} has left the cluster")] * len(commands)
        server = self.nodes.get_redis_connection(node)
        if not _reached(server):  # nothing was said yet, so even what must not be said twice may be tried again
            return [redis.exceptions.ClusterDownError(f"{name} cannot be reached")] * len(commands)
        answers = _run(server, commands)
        lost = [place for place, answer in enumerate(answers) if lost_functions(answer)]
        if lost:
            load(server)
            for place, answer in zip(lost, _run(server, [commands[place] for place in lost]), strict=True):
                answers[place] = answer
        for place, answer in enumerate(answers):
            if isinstance(answer, redis.exceptions.AskError):  # this slot is being moved just now
                answers[place] = _asked(self.nodes, answer, commands[place])
        return answers

    def _refresh(self) -> None:
        try:
            self.nodes.nodes_manager.initialize()
        except (redis.RedisError, redis.exceptions.RedisClusterException):
            return  # nobody could say; the next round asks again

    def _node(self, command: tuple[Any, ...]) -> str:
        found = self.nodes.nodes_manager.get_node_from_slot(key_slot(_key(command).encode()))
        return str(found.name)


def _run(server: Any, commands: list[Command]) -> list[Any]:
    """All answers of one node, errors among them; the same error for all when its connection broke."""
    pipe = server.pipeline(transaction=False)
    pipe.command_stack = list(commands)
    try:
        return list(pipe.execute(raise_on_error=False))
    except GONE as fault:
        return [fault] * len(commands)


def _reached(server: Any) -> bool:
    try:
        server.connection_pool.release(server.connection_pool.get_connection())
    except GONE:
        return False
    return True


def _asked(cluster: Any, ask: Any, command: Command) -> Any:
    """Ask the node that a slot is moving to."""
    try:
        node = cluster.get_node(host=ask.host, port=ask.port)
        if node is None:
            return redis.exceptions.TryAgainError("the slot moves to a node that is not known yet")
        pipe: Any = cluster.get_redis_connection(node).pipeline(transaction=False)
        pipe.execute_command("ASKING")
        pipe.command_stack.append(command)
        return pipe.execute(raise_on_error=False)[1]
    except GONE as fault:
        return fault


def _key(command: tuple[Any, ...]) -> str:
    """The key that decides where a command goes; the time is asked where the clock is kept."""
    name = command[0]
    if name == "TIME":
        return keys.CLOCK
    if name in ("FCALL", "FCALL_RO"):
        return str(command[3])
    key = command[1]
    return key.decode() if isinstance(key, bytes) else str(key)


def _nodes(url: str) -> list[ClusterNode]:
    places = urlsplit(url).netloc.rpartition("@")[2].split(",")
    nodes = []
    for place in places:
        host, _, port = place.rpartition(":")
        if not host or not port.isdecimal():
            raise SetupError("A cluster is written redis+cluster://host:port,host:port with a port for each host.")
        nodes.append(ClusterNode(host.strip("[]"), int(port)))  # type: ignore[no-untyped-call]
    return nodes


def _options(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    options: dict[str, Any] = {"ssl": True} if parts.scheme == "rediss+cluster" else {}
    if at:
        user, _, password = login.partition(":")
        options["username"], options["password"] = unquote(user) or None, unquote(password) or None
    for name, values in parse_qs(parts.query).items():
        if name.startswith("ssl_"):
            options[name] = values[-1]
    return options
