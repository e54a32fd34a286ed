"""`parcours decisions replay`: what another way of choosing would have been worth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.report.decisions.load import Installation

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--draft", type=click.Path(path_type=Path, file_okay=False), help="A changed workspace: its choice.")
@click.option("--events", type=FILE, help="The customers' events for --draft (default: those of archive and logs).")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help="random, constant:ACTION, learner, or given (the column `target`); several times for several.",
)
@click.option("--columns", default="", metavar="NAME=COLUMN,...", help="How FILE calls things: action=item_id,...")
@click.option(
    "--reward", type=click.Choice(["accepted", "value"]), default="accepted", show_default=True, help="Of us."
)
@click.option("--interval", type=click.Choice(["normal", "bootstrap"]), default="normal", show_default=True)
@click.option("--level", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True, help="Of the intervals.")
@click.option("--draws", type=click.IntRange(100, 100_000), default=1_000, show_default=True, help="Of the bootstrap.")
@click.option("--seed", default="0", show_default=True, help="The same seed, the same answer.")
@click.option("--clip", type=click.FloatRange(1), help="The largest weight that counts (default: none is cut).")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@workspace_option
def replay(
    file: Path | None,
    draft: Path | None,
    events: Path | None,
    policies: tuple[str, ...],
    columns: str,
    reward: str,
    interval: str,
    level: float,
    draws: int,
    seed: str,
    clip: float | None,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Say what a changed workspace, or a simple policy, would have been worth on logged decisions (off-policy).

    FILE holds impressions from elsewhere with their probabilities (CSV, NDJSON, Parquet), or rows of `parcours
    decisions export`; without it the decisions of the installation's archive and logs are taken.
    """
    from engine.report.decisions.replay import Wanted, replayed

    wanted = Wanted(
        policies=policies,
        columns=columns,
        by_value=reward == "value",
        level=level,
        draws=draws if interval == "bootstrap" else 0,
        seed=seed,
        clip=clip,
    )
    if file is None and not (draft or policies):
        raise click.UsageError("Say what is to be compared: --draft WORKSPACE, or --policy random.")
    if events is not None and draft is None:
        raise click.UsageError("--events are for --draft.")
    if file is None or (draft is not None and events is None):
        with running_at(workspace) as running:
            found = replayed(wanted, running, file, draft, events)
    else:
        found = replayed(wanted, None, file, draft, events)
    if as_json:
        from engine.report.decisions.plain import as_json_text

        click.echo(as_json_text(found))
        return
    from engine.cli.replay_text import show

    show(found)


@contextmanager
def running_at(workspace: Path | None) -> Iterator[Installation]:
    """The installation, with its archive, if it has one."""
    from engine.cli.archive import archive_of
    from engine.model.errors import SetupError
    from engine.report.decisions.load import Installation
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    try:
        archive = archive_of(workspace)
    except SetupError:
        archive = None
    with open_store(workspace) as store:
        yield Installation.of(store, archive, settings.state_path / "archive-copies")
