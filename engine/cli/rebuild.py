"""`parcours rebuild`: the state of Redis out of the archive."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.installation import open_store, workspace_option

SHOWN = 20


@click.command()
@click.option("--lost-at", metavar="TIME", help="When Redis was lost, as 2026-03-01T08:00:00Z (default: now).")
@workspace_option
def command(lost_at: str | None, workspace: Path | None) -> None:
    """Rebuild the state in an empty Redis from the archive, after the old one was lost.

    Nothing is sent by this. A message that must not arrive twice, and that was due by the time of the loss, is
    listed as unknown instead of leaving.
    """
    from engine.cli.archive import archive_of
    from engine.policy.wallclock import iso
    from engine.report.archive.rebuild import rebuild
    from engine.runtime.bells import Noted
    from engine.runtime.since import since_instant

    place = archive_of(workspace)
    with open_store(workspace) as store:
        try:
            at = since_instant(lost_at, store.clock().engine) if lost_at else None
        except ValueError as fault:
            raise click.UsageError(str(fault)) from None
        made = rebuild(store, place, Noted(), at)
    click.echo(f"{made.customers:,} customers from {made.entries:,} entries of the archive.")
    if made.last:
        click.echo(
            f"The last of them was decided at {iso(made.last)}. What was accepted after that is lost: send it again."
        )
    if made.letters:
        click.echo(f"{made.letters:,} letters between shards are on their way again.")
    if made.unknown:
        click.echo(f"{len(made.unknown):,} messages may or may not have left: parcours messages --unknown lists them.")
    for said in made.faults[:SHOWN]:
        click.echo(f"Not decided as it was: {said}", err=True)
    if len(made.faults) > SHOWN:
        click.echo(f"... and {len(made.faults) - SHOWN:,} more.", err=True)
