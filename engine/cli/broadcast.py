"""`parcours broadcast`: ask for a journey for every customer, in waves."""

from __future__ import annotations

import time
from pathlib import Path

import click

from engine.cli.installation import open_store, workspace_option
from engine.cli.operator import somebody

LOOK_SECONDS = 0.5


@click.group()
def command() -> None:
    """Ask for a journey for every customer, in waves: start it, see how far it is, stop it."""


@command.command()
@click.argument("journey")
@click.option("--wait", is_flag=True, help="Show the progress until everybody has been asked for.")
@workspace_option
def start(journey: str, wait: bool, workspace: Path | None) -> None:
    """Begin a broadcast of JOURNEY, which must have `start: {request: true}`; its `only_if` says who is meant."""
    from engine.runtime import broadcast
    from engine.runtime.plans import PublishedPlans

    with open_store(workspace) as store:
        plan = PublishedPlans(store).at(store.pulse().plan).plan
        found = broadcast.start(store, plan, journey, somebody())
        click.echo(f"{found.id} has begun: {journey}, about {found.total:,} customers.")
        while wait and found.state == "running":
            time.sleep(LOOK_SECONDS)
            found = broadcast.show(store, found.id)
            click.echo(f"{found.state}: {broadcast.progress(found)}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@workspace_option
def list_(as_json: bool, workspace: Path | None) -> None:
    """List broadcasts and how far they are, the newest first."""
    from json import dumps

    from engine.policy.wallclock import iso
    from engine.runtime import broadcast

    with open_store(workspace) as store:
        found = broadcast.broadcasts(store)
    for each, data in zip(found, broadcast.as_data(found), strict=True):
        line = f"{each.id}  {iso(each.at)}  {each.journey}  {each.state}: {broadcast.progress(each)}"
        click.echo(dumps(data, ensure_ascii=False) if as_json else line)
    if not found and not as_json:
        click.echo("No broadcasts.")


@command.command()
@click.argument("broadcast_id", metavar="ID")
@workspace_option
def stop(broadcast_id: str, workspace: Path | None) -> None:
    """Reach nobody else with a broadcast. Who has been asked for goes on: `parcours kill` ends that as well."""
    from engine.runtime import broadcast

    with open_store(workspace) as store:
        found = broadcast.stop(store, broadcast_id)
    click.echo(f"{found.id} is {found.state}: {broadcast.progress(found)}.")
