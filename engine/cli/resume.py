"""`parcours resume`: what was paused goes on; what was killed may start again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store
from engine.cli.operator import meant, somebody, which

if TYPE_CHECKING:
    from engine.model.flags import How


@click.command()
@which
@click.option("--continue", "how", flag_value="continue", help="What is overdue goes on now.")
@click.option("--shift", "how", flag_value="shift", help="Every wait is longer by the time of the pause.")
@click.option("--expire", "how", flag_value="expire", help="Whose time came during the pause ends.")
def command(journey: str | None, everything: bool, workspace: Path | None, how: How | None) -> None:
    """Let JOURNEY (or --all) go on after a pause, in one of three ways; or let newcomers in again after a kill."""
    from engine.policy.standing import called
    from engine.runtime import stops

    with open_store(workspace) as store:
        name = meant(store, journey, everything)
        stops.resume(store, name, how, somebody())
        still = sorted(other for other, each in stops.standings(store).items() if each.word)
    click.echo(f"{called(name)} goes on.")
    if still:
        click.echo(f"Still stopped: {', '.join(called(each) for each in still)}.")
