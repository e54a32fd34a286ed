"""`parcours serve`: the HTTP interface in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import socket

    import uvicorn

    from engine.settings import Settings


@click.command()
def command() -> None:
    """Run the HTTP interface, as PARCOURS_* settings say. `parcours up` runs it together with all the rest."""
    from engine.api.auth import Keys
    from engine.model.errors import SetupError
    from engine.runtime.forked import run_forked
    from engine.runtime.logs import set_up_logs
    from engine.runtime.otel import start_tracing
    from engine.runtime.ports import listen_on
    from engine.runtime.prometheus import start
    from engine.settings import load

    settings = load()
    if settings.redis_url is None:
        raise SetupError("PARCOURS_REDIS_URL is not set: say where the state is, or run everything with: parcours up")
    if not settings.api_keys:
        raise SetupError("PARCOURS_API_KEYS is not set: give at least one key, of 20 characters or more.")
    set_up_logs(settings, "api")
    listener = listen_on(settings.api_host, settings.api_port)
    Keys(key.get_secret_value() for key in settings.api_keys)  # what is wrong with them is said once

    def work(listener: socket.socket) -> None:
        start_tracing(settings, "api")
        start(settings)
        _serve(settings, listener)

    if settings.api_workers == 1:
        work(listener)
    else:
        port = listener.getsockname()[1]
        listener.close()
        run_forked(settings.api_workers, lambda: work(listen_on(settings.api_host, port, shared=True)))


def _serve(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from engine.api.app import create_app
    from engine.api.auth import Keys
    from engine.console.app import add_console
    from engine.runtime.app import bells_of
    from engine.runtime.engine import Engine
    from engine.runtime.own_links import signer
    from engine.runtime.releases import watch

    assert settings.redis_url is not None
    engine = Engine.of(settings, settings.redis_url, bells_of(settings))
    keys = Keys(key.get_secret_value() for key in settings.api_keys)
    app = create_app(engine, keys, signer(settings), settings)
    add_console(app, engine, keys, settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    end = watch(engine.store, engine.plans, "api")
    server = uvicorn.Server(config)
    _end_streams_with(server, app.state.end_streams)
    _calm_when_ready(server)
    server.run([listener])
    end()


def _calm_when_ready(server: uvicorn.Server) -> None:
    """Once the plan is made ready, nothing of it is gone through by the collector of garbage again."""
    from engine.runtime.calm import calm

    startup = server.startup

    async def starting(*args: Any, **named: Any) -> None:
        await startup(*args, **named)
        calm()

    server.startup = starting  # type: ignore[method-assign]


def _end_streams_with(server: uvicorn.Server, end_streams: Callable[[], None]) -> None:
    """A stream lasts as long as its till: without a word it would hold up the server's end."""
    shutdown = server.shutdown

    async def ending(*args: Any, **named: Any) -> None:
        end_streams()
        await shutdown(*args, **named)

    server.shutdown = ending  # type: ignore[method-assign]
