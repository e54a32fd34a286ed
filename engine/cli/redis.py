"""`parcours redis`: the workspace's own Redis, until it is told to stop."""

from __future__ import annotations

import signal
import time

import click

SILENT_LOOKS = 20  # a tenth of a second each: a server that restarts or saves may be slow to answer


@click.command()
def command() -> None:
    """Run this workspace's own Redis (a Valkey server on a private socket) until SIGINT or SIGTERM.

    `parcours up` does this unless PARCOURS_REDIS_URL is set. Exit code 1 when the server dies by itself.
    """
    from engine.runtime.embedded import answers, find_or_bring, socket_path
    from engine.settings import load

    settings = load(redis_url=None)
    asked: list[int] = []  # no Event: a signal that comes while its lock is held would wait for itself
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    with find_or_bring(settings) as server:
        path = socket_path(settings.state_path)
        click.echo(f"{'started' if server.ours else 'found one running'}: {path}")
        silent = 0
        while not asked:
            time.sleep(0.1)
            silent = 0 if answers(path) else silent + 1
            if silent > SILENT_LOOKS and not asked:
                raise click.ClickException("the server does not answer any more.")
