"""What the commands of an operator share: who is at the keyboard, and which journey is meant."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from engine.cli.installation import workspace_option

if TYPE_CHECKING:
    from engine.runtime.store import Store


def somebody() -> str:
    """Who is at the keyboard, for the record."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container without a user
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def which(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that say which journey is meant, and where."""
    command = workspace_option(command)
    command = click.option("--why", default="", help="The reason, for the audit.")(command)
    command = click.option("--all", "everything", is_flag=True, help="Everything, not one journey.")(command)
    return click.argument("journey", required=False)(command)


def meant(store: Store, journey: str | None, everything: bool) -> str:
    """The name of the flag: a journey that is known, or '*'. Raises UsageError."""
    from engine.define.doc import did_you_mean
    from engine.model.flags import EVERYTHING
    from engine.runtime.stops import known_names

    if (journey is None) == (not everything):
        raise click.UsageError("Name a journey, or say --all.")
    if journey is None:
        return EVERYTHING
    known = known_names(store)
    if journey not in known:
        raise click.UsageError(f"No journey '{journey}' is deployed. {did_you_mean(journey, known)}".strip())
    return journey
