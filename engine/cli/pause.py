"""`parcours pause`: a journey stands still."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.installation import open_store
from engine.cli.operator import meant, somebody, which


@click.command()
@which
def command(journey: str | None, everything: bool, workspace: Path | None, why: str) -> None:
    """Let JOURNEY (or --all) stand still: nothing leaves, and nobody takes a step. Events are still taken in, and
    what ends an enrolment ends it. Seen by every worker within half a second.
    """
    from engine.policy.standing import called
    from engine.runtime import stops

    with open_store(workspace) as store:
        name = meant(store, journey, everything)
        stops.pause(store, name, somebody(), why)
    which_one = journey if journey is not None else "--all"
    click.echo(f"{called(name)} is paused. Go on with: parcours resume {which_one} --continue, --shift or --expire")
