"""`parcours kill`: nothing of a journey leaves any more."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.installation import open_store
from engine.cli.operator import meant, somebody, which


@click.command()
@which
def command(journey: str | None, everything: bool, workspace: Path | None, why: str) -> None:
    """Stop JOURNEY (or --all) for good: nothing of it leaves any more, whoever is inside ends, and nobody starts.
    Seen by every worker within half a second.
    """
    from engine.policy.standing import called
    from engine.runtime import stops

    with open_store(workspace) as store:
        name = meant(store, journey, everything)
        stops.kill(store, name, somebody(), why)
    which_one = journey if journey is not None else "--all"
    click.echo(f"{called(name)} is killed. Newcomers may start again after: parcours resume {which_one}")
