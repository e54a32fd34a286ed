"""The running installation that a command looks into: that of the workspace, or where PARCOURS_REDIS_URL points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from engine.runtime.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


def workspace_option(command: Command) -> Command:
    """The option `--workspace`, as every command that needs an installation has it."""
    return click.option("--workspace", "-w", type=click.Path(path_type=Path), help="The workspace (default: here).")(
        command
    )


@contextmanager
def open_store(workspace: Path | None = None) -> Iterator[Store]:
    """The state of the installation. Raises SetupError when it does not run, or StoreMismatch."""
    from engine.model.errors import SetupError
    from engine.runtime.embedded import answers, socket_path, url_of
    from engine.runtime.store import Store
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    if settings.redis_url is None and not answers(socket_path(settings.state_path)):
        raise SetupError("Nothing runs in this workspace: start it with `parcours up`, or set PARCOURS_REDIS_URL.")
    store = Store.open(settings.redis_url or url_of(settings.state_path))
    store.timeline = settings.timeline
    try:
        yield store
    finally:
        store.close()
