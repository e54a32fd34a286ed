"""The embedded Redis: a real server is started, adopted, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.errors import SetupError
from engine.runtime import embedded, redis_binary
from engine.runtime.embedded import RedisServer, answers, broker_url_of, find_or_bring, socket_path
from engine.settings import load


def say(server: RedisServer, *words: str) -> bytes:
    """One command to the server behind `server.url`, its raw answer back."""
    path = server.url.removeprefix("unix://").partition("?")[0]
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)
        line.sendall(" ".join(words).encode() + b"\r\n")
        return line.recv(65536)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with find_or_bring(load(workspace=tmp_path)) as running:
        yield running


def test_a_given_url_is_used_as_it_is(tmp_path: Path) -> None:
    server = find_or_bring(load(workspace=tmp_path, redis_url="redis://db.example:6379/3"))

    assert (server.url, server.broker_url) == ("redis://db.example:6379/3", "redis://db.example:6379/4")
    assert not server.ours
    assert not (tmp_path / ".parcours").exists()


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://h:1", "redis://h:1/1"),
        ("redis://h:1/15", "redis://h:1/14"),  # the last one a server has by default
        ("redis://h:1?db=2&protocol=3", "redis://h:1/3?protocol=3"),
        ("unix:///run/r.sock?db=4", "redis+socket:///run/r.sock?virtual_host=5"),
        ("rediss://me:pw@h:1/0", "rediss://me:pw@h:1/1"),  # login and encryption are kept
        ("unix:///run/r.sock?db=0", "redis+socket:///run/r.sock?virtual_host=1"),
        ("unix://me:pw@/run/r.sock", "redis+socket://me:pw@/run/r.sock?virtual_host=1"),
    ],
)
def test_the_broker_is_the_same_server_and_another_database(redis_url: str, broker_url: str) -> None:
    assert broker_url_of(redis_url) == broker_url


def test_a_server_is_brought_that_keeps_what_it_is_told(server: RedisServer) -> None:
    assert server.ours
    assert b"\r\nyes\r\n" in say(server, "CONFIG GET appendonly")
    assert b"\r\neverysec\r\n" in say(server, "CONFIG GET appendfsync")
    assert b"\r\nnoeviction\r\n" in say(server, "CONFIG GET maxmemory-policy")
    assert b"\r\n0\r\n" in say(server, "CONFIG GET port")  # no TCP at all


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupError, match=r"cannot be written .*Set PARCOURS_STATE_DIR"):
        find_or_bring(load(workspace=tmp_path, state_dir=tmp_path / "file" / "state"))


def test_a_password_is_not_printed(tmp_path: Path) -> None:
    assert "hush" not in repr(find_or_bring(load(workspace=tmp_path, redis_url="redis://:hush@h")))


def test_nobody_else_may_read_the_state(server: RedisServer, tmp_path: Path) -> None:
    folder = tmp_path / ".parcours" / "redis"

    assert folder.stat().st_mode & 0o077 == 0


def test_redis_py_and_celery_can_use_the_urls(server: RedisServer) -> None:
    import kombu
    import redis

    with redis.Redis.from_url(server.url) as client:
        assert client.ping()
        with kombu.Connection(server.broker_url) as broker:
            broker.SimpleQueue("q").put("x")
            broker.SimpleQueue("q").close()
        assert client.keys() == []  # Celery's keys are in its own database


def test_a_second_start_adopts_the_first_and_leaves_it_running(server: RedisServer, tmp_path: Path) -> None:
    second = find_or_bring(load(workspace=tmp_path))

    assert second.url == server.url
    assert not second.ours
    second.stop()
    assert say(server, "PING") == b"+PONG\r\n"


def test_what_was_written_is_there_after_a_stop(tmp_path: Path) -> None:
    with find_or_bring(load(workspace=tmp_path)) as first:
        say(first, "SET kept yes")
    assert not answers(socket_path(tmp_path / ".parcours"))

    with find_or_bring(load(workspace=tmp_path)) as second:
        assert say(second, "GET kept") == b"$3\r\nyes\r\n"


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    first = find_or_bring(load(workspace=tmp_path))
    for number in range(100):
        say(first, f"INCRBY sum {number}")
    pid = int(say(first, "INFO server").split(b"process_id:")[1].split(b"\r\n")[0])
    os.kill(pid, signal.SIGKILL)
    first.stop()

    with find_or_bring(load(workspace=tmp_path)) as second:
        assert second.ours
        assert say(second, "GET sum") == b"$4\r\n4950\r\n"


def test_a_server_whose_starter_was_killed_is_adopted(tmp_path: Path) -> None:
    starter = textwrap.dedent(
        f"""
        import os, signal
        from engine.runtime.embedded import find_or_bring
        from engine.settings import load
        find_or_bring(load(workspace={str(tmp_path)!r}))
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", starter], check=False)

    server = find_or_bring(load(workspace=tmp_path))

    assert not server.ours
    say(server, "SHUTDOWN")


def test_starters_at_the_same_time_share_one_server(tmp_path: Path) -> None:
    starter = textwrap.dedent(
        f"""
        from engine.runtime.embedded import find_or_bring
        from engine.settings import load
        server = find_or_bring(load(workspace={str(tmp_path)!r}))
        print(int(server.ours), flush=True)
        input()
        server.stop()
        """
    )
    starters = [
        subprocess.Popen([sys.executable, "-c", starter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    outputs = [each.stdout.readline().strip() for each in starters if each.stdout]

    assert sorted(outputs) == ["0", "0", "1"]
    for each in starters:
        each.communicate("\n")


def test_a_living_server_without_its_socket_is_never_doubled(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "START_SECONDS", 0.2)
    hidden = socket_path(tmp_path / ".parcours")
    hidden.rename(hidden.with_suffix(".away"))

    with pytest.raises(SetupError, match="already runs"):
        find_or_bring(load(workspace=tmp_path))

    hidden.with_suffix(".away").rename(hidden)


def test_a_path_too_long_for_a_socket_moves_it_to_a_private_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with find_or_bring(load(workspace=deep)) as server:
        assert say(server, "PING") == b"+PONG\r\n"
        folder = socket_path(deep / ".parcours").parent
        assert not folder.is_relative_to(tmp_path)
        assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_a_path_with_spaces_works(tmp_path: Path) -> None:
    import kombu
    import redis

    with find_or_bring(load(workspace=tmp_path / "our shop")) as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()
        with kombu.Connection(server.broker_url) as broker:
            assert broker.ensure_connection(timeout=2)


def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho 'no memory left'\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(embedded, "find_binary", lambda: str(broken))

    with pytest.raises(SetupError, match="no memory left"):
        find_or_bring(load(workspace=tmp_path))


@pytest.mark.parametrize(
    ("version", "fits"),
    [("Redis server v=7.0.15 sha=0", True), ("Redis server v=6.2.1 sha=0", False), ("hello", False)],
)
def test_without_the_wheel_a_new_enough_server_on_the_path_is_used(
    version: str, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "redis-server"
    binary.write_text(f"#!/bin/sh\necho '{version}'\n")
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_binary, "_shipped_binary", lambda: None)

    if fits:
        assert redis_binary.find_binary() == str(binary)
    else:
        with pytest.raises(SetupError, match="Install redis-server"):
            redis_binary.find_binary()
