"""`parcours redis`: the workspace's own Redis, until it is told to stop."""

from __future__ import annotations

import signal
import threading

import click


@click.command()
def command() -> None:
    """Run this workspace's own Redis (a Valkey server on a private socket) until SIGINT or SIGTERM.

    `parcours up` does this unless PARCOURS_REDIS_URL is set. Exit code 1 when the server dies by itself.
    """
    from engine.runtime.embedded import answers, find_or_bring, socket_path
    from engine.settings import load

    settings = load(redis_url=None)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with find_or_bring(settings) as server:
        path = socket_path(settings.state_path)
        click.echo(f"{'started' if server.ours else 'found one running'}: {path}")
        while not stop.wait(0.5):
            if not answers(path) and not stop.wait(2.0) and not answers(path):
                raise click.ClickException("the server does not answer any more.")
