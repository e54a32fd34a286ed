"""`parcours console`: a link that signs in to the console, once."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.runtime.store import Store
    from engine.settings import Settings


@click.command()
@workspace_option
@click.option("--end-sessions", is_flag=True, help="Sign everybody out instead, in every browser.")
def command(workspace: Path | None, end_sessions: bool) -> None:
    """Print a link that signs you in to the console of this machine: once, and within half an hour."""
    from engine.settings import load

    with open_store(workspace) as store:
        if end_sessions:
            click.echo(_ended(store))
            return
        link = fresh_link(store, load(**({"workspace": workspace} if workspace is not None else {})))
    click.echo(link)


def _ended(store: Store) -> str:
    """What became of all sessions."""
    from engine.cli.operator import somebody
    from engine.runtime.audit import note
    from engine.runtime.sessions import end_sessions

    ended = end_sessions(store)
    note(store, store.clock().engine, "sign out", somebody(), sessions=ended)
    return f"{ended} session{'' if ended == 1 else 's'} of the console ended: whoever wants back in signs in again."


def fresh_link(store: Store, settings: Settings) -> str:
    """The link. Whoever can make one has the store, so it gives all rights; it works on this machine only."""
    from engine.cli.operator import somebody
    from engine.runtime.sessions import make_link

    token = secrets.token_urlsafe(24)
    make_link(store, token, somebody())
    host = "127.0.0.1" if settings.api_host in ("0.0.0.0", "::") else settings.api_host
    return f"http://{host}:{settings.api_port}/console/enter?token={token}"
