"""The HTTP interface over an engine, on a port of its own, in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.console.app import add_console
from engine.runtime.engine import Engine
from engine.runtime.ports import listen_on
from engine.settings import Settings, load


@contextmanager
def serving(
    engine: Engine, keys: Sequence[str], settings: Settings | None = None, *, console: bool = False
) -> Iterator[str]:
    """The interface's URL, with the `console` when it is asked for; the engine stays open afterwards."""
    listener = listen_on("127.0.0.1", 0)
    app = create_app(engine, Keys(keys), settings=settings)
    if console:
        add_console(app, engine, Keys(keys), settings or load())
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        app.state.end_streams()
        app.state.feed.close()
        app.state.asker.close()
        server.should_exit = True
        thread.join()
