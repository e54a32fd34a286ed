"""`parcours deploy`: publish a workspace to a running installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.runtime.planning import Outlook


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), required=False)
@click.option("--plan", "planned", type=click.Path(path_type=Path), help="Only what this was a plan of (plan --out).")
def command(workspace: Path | None, planned: Path | None) -> None:
    """Check WORKSPACE (default: here), publish it as one whole, and wait until every running process decides by it.

    Nothing is restarted. Exit code 1 when it cannot be deployed, or when a process has not taken it up in time.
    """
    from engine.cli.installation import open_store
    from engine.cli.operator import somebody
    from engine.define.folder import read_folder, workspace_of
    from engine.define.report import listing
    from engine.runtime.deploy import deploy
    from engine.runtime.planning import examine
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    sources = read_folder(workspace_of(settings.workspace))
    with open_store(workspace) as store:
        outlook = examine(store, sources)
        if planned is not None:
            _agrees(planned, outlook)
        if outlook.problems:
            raise click.ClickException(f"this cannot be deployed.\n{listing(outlook.problems)}")
        if outlook.nothing:
            click.echo(f"Nothing changes: {outlook.deployed} is deployed already.")
            return
        done = deploy(store, sources, somebody(), outlook.deployed)
    click.echo(f"Deployed {done.plan} in {done.seconds:.1f} s; {len(done.taken)} processes decide by it.")
    moved = sum(group.people for group in outlook.people if group.to)
    if moved:
        click.echo(f"{moved:,} people are taken along.")
    if not done.taken and not done.late:
        click.echo("No worker runs now: the next one begins with it.")
    if done.late:
        names = ", ".join(f"{each.name} (by {each.plan})" for each in done.late)
        raise click.ClickException(f"not taken up yet by: {names}. It is deployed; see their logs.")


def _agrees(planned: Path, outlook: Outlook) -> None:
    try:
        given = json.loads(planned.read_text())
        meant = (given["deployed"], given["workspace"])
    except (OSError, ValueError, KeyError, TypeError):
        raise click.UsageError(f"{planned} was not written by: parcours plan --out {planned}") from None
    if meant != (outlook.deployed, outlook.workspace):
        what = "the workspace" if meant[0] == outlook.deployed else "what is deployed"
        raise click.ClickException(f"{what} has changed since this was planned. Plan again.")
