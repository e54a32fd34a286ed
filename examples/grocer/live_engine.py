"""The real engine for the demo: `parcours up` on the example's workspace, started empty and stopped for sure."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
from pydantic import SecretStr

from engine.model.errors import ParcoursError, SetupError
from engine.runtime.embedded import answers, socket_path, url_of
from engine.runtime.store import Store, StoreError
from engine.runtime.supervise import Program, Supervisor
from engine.settings import Settings, environment, load

STOP_SECONDS = 60.0  # `up` gives each of its five programs time to finish


@dataclass(frozen=True, slots=True)
class Installation:
    """A running engine: its settings, the URL of its state and of its HTTP interface, and a key for that."""

    settings: Settings
    state_url: str
    http: str
    key: str


@contextmanager
def installation(workspace: Path, kept: Path) -> Iterator[Installation]:
    """An engine with an empty state below `kept` and an empty `outbox/` in `workspace`, ready for events.

    All its programs are gone when this ends, however it ends. Raises SetupError when it cannot start, or
    stops answering meanwhile.
    """
    settings = _settings(workspace, kept)
    state_url = settings.redis_url or url_of(settings.state_path)
    _empty(settings)
    lines = kept / "engine.log"
    base = f"http://{settings.api_host}:{settings.api_port}"
    try:
        with lines.open("w") as out, _running(settings, out, base, lines):
            yield Installation(settings, state_url, base, settings.api_keys[0].get_secret_value())
    except (httpx.HTTPError, StoreError) as fault:
        raise SetupError(f"The engine does not answer any more ({fault}); its lines are in {lines}") from None
    finally:
        if settings.redis_url:
            with _state(settings.redis_url) as store:
                store.redis.flushdb()  # it was empty before


def _settings(workspace: Path, kept: Path) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return load(
        workspace=workspace,
        state_dir=kept / "state",
        api_host="127.0.0.1",
        api_port=port,
        api_keys=(SecretStr(f"pk_{secrets.token_urlsafe(32)}"),),
        delivery="outbox",
        advance_workers=2,
        deliver_workers=1,
        deliver_threads=4,
        log_level="warning",
    )


def _empty(settings: Settings) -> None:
    """Begin with nothing: no state, no messages, and no server of a demo that was killed."""
    if settings.redis_url:
        with _state(settings.redis_url) as store:
            if store.redis.dbsize():
                raise SetupError(
                    "The demo needs an empty Redis, and there is something where PARCOURS_REDIS_URL points: "
                    "unset it, and the demo brings its own, or choose another database there."
                )
    elif answers(socket_path(settings.state_path)):
        with _state(url_of(settings.state_path)) as store:
            store.redis.shutdown(nosave=True)
    for folder in (settings.state_path, settings.workspace / "outbox"):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass
        except OSError as fault:
            raise SetupError(f"{folder} cannot be emptied for the demo: {fault.strerror or fault}.") from None


@contextmanager
def _state(url: str) -> Iterator[Store]:
    store = Store(url)
    try:
        yield store
    except StoreError as fault:
        raise SetupError(f"No Redis answers where PARCOURS_REDIS_URL points: {fault}") from None
    finally:
        store.close()


@contextmanager
def _running(settings: Settings, out: TextIO, base: str, lines: Path) -> Iterator[None]:
    """`parcours up` under a supervisor in a thread, which ends it even when this process is killed (on Linux)."""
    begun, faults = threading.Event(), list[ParcoursError]()
    program = Program(
        "parcours",
        [sys.executable, "-m", "engine", "up"],
        {**environment(settings), "PYTHONUNBUFFERED": "1"},
        ready=lambda: _ready(f"{base}/ready", lines),
    )
    supervisor = Supervisor([program], out, stop_seconds=STOP_SECONDS, on_ready=begun.set)

    def run() -> None:
        try:
            supervisor.run()
        except ParcoursError as fault:
            faults.append(fault)
        finally:
            begun.set()

    thread = threading.Thread(target=run, name="parcours up")
    thread.start()
    try:
        begun.wait()
        if faults:
            raise SetupError(f"The engine did not start: {faults[0].sentence()}")
        yield
    finally:
        supervisor.stop()
        thread.join()


def _ready(url: str, lines: Path) -> bool:
    """Whether events can be taken in. Raises SetupError when `parcours up` has given up: trying again is no use."""
    if error := _last_error(lines):
        raise SetupError(error)
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _last_error(lines: Path) -> str:
    """What `parcours up` said last before it gave up."""
    said = [line.partition("Error: ")[2] for line in lines.read_text("utf-8", "replace").splitlines()]
    return next((line for line in reversed(said) if line), "")


def shown(path: Path) -> str:
    """A path as a reader would type it here."""
    return os.path.relpath(path)
