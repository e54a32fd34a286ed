"""`parcours decisions`: what became of next best actions, and what another way of choosing would be worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.decisions_replay import replay, running_at
from engine.cli.installation import workspace_option

if TYPE_CHECKING:
    from engine.report.decisions.logged import Dataset

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def command() -> None:
    """What became of next best actions (report), what others would be worth (replay), and the rows of both (export)."""


command.add_command(replay)


@command.command()
@click.argument("file", type=FILE, required=False)
@click.option("--since", help="Only from here on: 2026-03-01, 2026-03-01T08:00:00Z, or 7d.")
@click.option("--until", help="Only before: 2026-04-01.")
@click.option("--by", type=click.Choice(["day", "week", "month"]), default="week", show_default=True, help="Periods.")
@click.option("--level", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True, help="Of the intervals.")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@workspace_option
def report(
    file: Path | None,
    since: str | None,
    until: str | None,
    by: str,
    level: float,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Measure logged decisions: those in FILE (see export), else those of the installation's archive and logs.

    Acceptance by action, rank, channel, placement and period; calibration; how often there was no action, and why;
    who wins against whom; how much each factor decides; uplift over the control group.
    """
    from engine.report.decisions.measures import measured

    data, zone = _data(file, since, until, workspace)
    found = measured(data, level=level, period=by, zone=zone)
    if as_json:
        from engine.report.decisions.plain import as_json_text

        click.echo(as_json_text(found))
        return
    from engine.cli.decisions_text import show

    show(found)


@command.command()
@click.argument("file", type=FILE)
@workspace_option
def export(file: Path, workspace: Path | None) -> None:
    """Write the decisions of archive and logs to FILE, one JSON object a line, each with what became of it.

    Such files are what report and replay read.
    """
    import msgspec

    from engine.report.decisions.logged import conversion_row, row_of

    data, _ = _data(None, None, None, workspace)
    encode = msgspec.json.Encoder().encode
    with file.open("wb") as out:
        for each in data.decisions:
            out.write(encode(row_of(each)) + b"\n")
        for conversion in data.conversions:
            out.write(encode(conversion_row(conversion)) + b"\n")
    click.echo(f"{len(data.decisions):,} decisions, {len(data.conversions):,} conversions: {file}")


def _data(file: Path | None, since: str | None, until: str | None, workspace: Path | None) -> tuple[Dataset, str]:
    """The decisions that are asked about, and the zone of their days."""
    from engine.report.decisions.load import from_file
    from engine.report.decisions.logged import Dataset
    from engine.runtime.since import since_instant

    zone = "UTC"
    if file is not None:
        found = from_file(file, {})
        if not isinstance(found, Dataset):
            raise click.UsageError(
                f"{file} holds impressions from elsewhere, not decisions of ours: see parcours decisions replay."
            )
    else:
        with running_at(workspace) as running:
            found, zone = running.decisions(), running.plan.policies.timezone
    last = found.decisions[-1].decision.at if found.decisions else 0
    try:
        low, high = (since_instant(each, last) if each else None for each in (since, until))
    except ValueError as fault:
        raise click.UsageError(f"{fault}.") from None
    return found.between(low, high), zone
