"""`parcours archive`: take what happened to the archive now, and say how far it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.report.archive.place import Place


@click.group()
def command() -> None:
    """Everything that happened, kept for reports and against the loss of Redis."""


@command.command()
@workspace_option
def run(workspace: Path | None) -> None:
    """Archive all that has been logged, and make tables of closed days."""
    from engine.report.archive.work import Turn, turn
    from engine.runtime.engine import LOG_MOST

    place = archive_of(workspace)
    total = Turn()
    with open_store(workspace) as store:
        while True:
            done = turn(store, place, LOG_MOST)
            if done is None:
                raise click.ClickException("another process archives just now: try again in a moment.")
            total += done
            if not done:
                break
    click.echo(
        f"{total.entries:,} entries of the log archived, {total.segments:,} segments made into tables, "
        f"{total.erasures:,} erasures carried out."
    )


@command.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@workspace_option
def status(as_json: bool, workspace: Path | None) -> None:
    """Say how far the archive is."""
    from engine.report.archive.work import status as look

    place = archive_of(workspace)
    with open_store(workspace) as store:
        found = look(store, place)
    if as_json:
        click.echo(json.dumps(found.as_data()))
        return
    wait = f", the oldest for {found.lag.oldest / 1000:.0f} s" if found.lag.entries else ""
    click.echo(f"log       {found.lag.length:,} entries in Redis; {found.lag.entries:,} to be archived{wait}")
    click.echo(f"written   {_when(found.lag.written)}; {found.segments:,} segments, {found.segment_bytes:,} bytes")
    click.echo(f"tables    {_when(found.lag.compacted)}; {found.files:,} files, {found.file_bytes:,} bytes")
    click.echo(f"erasures  {found.erasures:,} to be carried out")


def _when(ms: int | None) -> str:
    from engine.policy.wallclock import iso

    return f"last at {iso(ms)}" if ms else "never"


def archive_of(workspace: Path | None = None) -> Place:
    """The archive of an installation. Raises SetupError when it has none."""
    from engine.model.errors import SetupError
    from engine.report.archive.place import open_place
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    if settings.archive_url is not None:
        return open_place(settings.archive_url.get_secret_value())
    own = settings.state_path / "archive"
    if not own.is_dir():
        raise SetupError("There is no archive: `parcours up` keeps one, and PARCOURS_ARCHIVE_URL says where it is.")
    return open_place(str(own))
