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
@click.option("--continue", "ways", flag_value="continue", multiple=True, help="What is overdue goes on now.")
@click.option(
    "--shift", "ways", flag_value="shift", multiple=True, help="Every wait is longer by the time of the pause."
)
@click.option("--expire", "ways", flag_value="expire", multiple=True, help="Whose time came during the pause ends.")
def command(journey: str | None, everything: bool, workspace: Path | None, why: str, ways: tuple[How, ...]) -> None:
    """Let JOURNEY (or --all) go on after a pause, in one of three ways; or let newcomers in again after a kill."""
    from engine.policy.standing import called
    from engine.runtime import stops

    if len(set(ways)) > 1:
        raise click.UsageError(f"Say one way, not {' and '.join(f'--{each}' for each in ways)}.")
    how = ways[0] if ways else None
    with open_store(workspace) as store:
        name = meant(store, journey, everything)
        stops.resume(store, name, how, somebody(), why)
        still = sorted(other for other, each in stops.standings(store).items() if each.word)
    click.echo(f"{called(name)} goes on.")
    if still:
        click.echo(f"Still stopped: {', '.join(called(each) for each in still)}.")
