"""`parcours up`: everything on this machine, in one command."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.runtime.supervise import Program
    from engine.settings import Settings


@click.command()
@click.option("--workspace", "-w", type=click.Path(path_type=Path), help="The workspace (default: here).")
def command(workspace: Path | None) -> None:
    """Run Redis (unless PARCOURS_REDIS_URL is set), the HTTP interface, the workers and the beat.

    Ctrl-C or SIGTERM stops them all. What dies is started again.
    """
    from engine.define.folder import compile_folder, workspace_of
    from engine.model.errors import SetupError
    from engine.runtime.filelock import FileLock
    from engine.runtime.senders import lacking
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    folder = workspace_of(settings.workspace)
    plan = compile_folder(folder).sound().plan
    lacks = lacking(settings, plan)
    if lacks:
        raise SetupError(lacks)
    with FileLock(settings.state_path / "up.lock", "Parcours already runs in this workspace: stop it first."):
        settings = _with_archive(settings)
        live = (settings.delivery or plan.policies.delivery) == "live"
        _run(settings if live else _with_links(settings), folder)


def _run(settings: Settings, folder: Path) -> None:
    from engine.api.auth import Keys
    from engine.define.folder import read_folder
    from engine.runtime.ports import listen_on
    from engine.runtime.prometheus import start
    from engine.runtime.supervise import Supervisor

    start(settings, fresh=True)
    listen_on(settings.api_host, settings.api_port).close()
    settings, key_file = _with_key(settings)
    Keys(key.get_secret_value() for key in settings.api_keys)  # said now, once, and not by a child again and again
    supervisor = Supervisor(
        _programs(settings, read_folder(folder)),
        plain=settings.log_format == "json",
        on_ready=lambda: click.echo(_welcome(settings, key_file)),
    )
    supervisor.run()


def _with_key(settings: Settings) -> tuple[Settings, Path | None]:
    """The settings with an API key: those given, else one of our own, kept in the state directory."""
    if settings.api_keys:
        return settings, None
    from pydantic import SecretStr

    file = settings.state_path / "api-key"
    return settings.model_copy(update={"api_keys": (SecretStr(_kept(file, "pk_")),)}), file


def _with_links(settings: Settings) -> Settings:
    """The settings with what links of messages need, where nobody but us gets one: they lead to this machine."""
    from pydantic import SecretStr

    given: dict[str, object] = {}
    if settings.public_url is None:
        host = "127.0.0.1" if settings.api_host in ("0.0.0.0", "::") else settings.api_host
        given["public_url"] = f"http://{host}:{settings.api_port}"
    if settings.link_secret is None:
        given["link_secret"] = SecretStr(_kept(settings.state_path / "link-secret", ""))
    return settings.model_copy(update=given)


def _with_archive(settings: Settings) -> Settings:
    """The settings with an archive: where they say, else in the state directory."""
    if settings.archive_url is not None:
        return settings
    from pydantic import SecretStr

    own = settings.state_path / "archive"
    own.mkdir(parents=True, exist_ok=True)  # who asks in the first seconds is not told that there is none
    return settings.model_copy(update={"archive_url": SecretStr(str(own))})


def _kept(file: Path, start: str) -> str:
    """A secret of our own, made once."""
    if not file.exists() or not file.read_text().strip():  # a start may have been cut off here
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_text(f"{start}{secrets.token_urlsafe(32)}\n")
    return file.read_text().strip()


def _programs(settings: Settings, sources: dict[str, str]) -> list[Program]:
    """Redis first, then what uses it. The plan is published as soon as Redis answers."""
    from engine.cli.operator import somebody
    from engine.runtime.deploy import publish_checked
    from engine.runtime.embedded import answers, broker_url_of, socket_path, url_of
    from engine.runtime.store import Store
    from engine.runtime.supervise import Program
    from engine.settings import environment

    own = settings.redis_url is None
    url = url_of(settings.state_path) if settings.redis_url is None else settings.redis_url
    broker = settings.broker_url or broker_url_of(url)
    env = environment(settings.model_copy(update={"redis_url": url, "broker_url": broker}))
    me = [sys.executable, "-m", "engine"]
    published: list[str] = []

    def deployed() -> bool:
        if own and not answers(socket_path(settings.state_path)):
            return False
        if not published:
            store = Store.open(url)
            try:
                published.append(publish_checked(store, sources, somebody()))
            finally:
                store.close()
        return True

    def answering() -> bool:
        return _ready(f"http://{settings.api_host}:{settings.api_port}/ready")

    programs = [Program("redis", [*me, "redis"], environment(settings), ready=deployed)] if own else []
    if not own:
        deployed()
    return [
        *programs,
        Program("advance", [*me, "worker", "--advance"], env),
        *(
            Program(f"deliver-{number}", [*me, "worker", "--deliver"], env)
            for number in range(1, settings.deliver_workers + 1)
        ),
        Program("beat", [*me, "beat"], env),
        Program("api", [*me, "serve"], env, ready=answering),
    ]


def _ready(url: str) -> bool:
    from urllib.error import URLError
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(url, timeout=2.0) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(settings: Settings, key_file: Path | None) -> str:
    key = f"the key in {key_file}" if key_file is not None else "one of PARCOURS_API_KEYS"
    address = f"http://{settings.api_host}:{settings.api_port}"
    return (
        f"Parcours is up. Send events to {address}/v1/events with {key}; {address}/docs says how.\n"
        f"See what it does: {_console(settings)}\n"
        "(This link signs you in once; `parcours console` prints another.) Ctrl-C stops it all."
    )


def _console(settings: Settings) -> str:
    from engine.cli.console import fresh_link
    from engine.runtime.embedded import url_of
    from engine.runtime.store import Store

    store = Store.open(settings.redis_url or url_of(settings.state_path))
    try:
        return fresh_link(store, settings)
    finally:
        store.close()
