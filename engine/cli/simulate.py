"""`parcours simulate`: a file of events through the journeys, in virtual time."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.model.record import Record


@click.command()
@click.option("--events", type=click.Path(path_type=Path), required=True, help="A file with one event a line.")
@click.option(
    "--workspace", "-w", type=click.Path(path_type=Path), default=Path(), help="The workspace (default: here)."
)
@click.option("--until", help="Stop the clock there: 2026-03-01T08:00:00Z (default: when nothing waits any more).")
@click.option("--json", "as_json", is_flag=True, help="One object a line for everything that happened.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that share the customers (default: as fits).")
@click.option("--profile", help="Only this customer, as identifier:value or the bare value.")
def command(
    events: Path, workspace: Path, until: str | None, as_json: bool, jobs: int | None, profile: str | None
) -> None:
    """Run a FILE of events through the journeys and say what would be sent, held, refused and ended, and why.

    The same core as in production decides; time is virtual and nothing leaves. Lines that are no events are
    set aside with their reason, and the rest goes on.
    """
    from engine.define.folder import compile_folder, workspace_of
    from engine.testing.output import to_json
    from engine.testing.run import run_file, until_instant

    stop = until_instant(until) if until is not None else None
    compiled = compile_folder(workspace_of(workspace)).sound()
    if not events.is_file():
        raise click.UsageError(f"There is no file {events}.")

    # a process more is worth its start for every few megabytes
    jobs = jobs or min(os.cpu_count() or 1, 1 + events.stat().st_size // 4_000_000)

    def wanted(record: Record) -> bool:
        return profile is None or profile in (record.label, record.label.partition(":")[2], record.profile)

    if as_json:
        write = sys.stdout.buffer.write

        def put(record: Record) -> None:
            if wanted(record):
                write(to_json(record) + b"\n")

        run_file(compiled, events, put, until=stop, jobs=jobs)
        sys.stdout.buffer.flush()
        return
    from engine.cli.tables import story_line, summary
    from engine.testing.tally import Tally

    tally = Tally()
    set_aside: list[Record] = []

    def count(record: Record) -> None:
        if record.kind == "set_aside":
            set_aside.append(record)
        if wanted(record):
            tally.add(record)
            if profile is not None:
                click.echo(story_line(record))

    done = run_file(compiled, events, count, until=stop, jobs=jobs)
    for record in set_aside[:20]:
        click.echo(f"set aside: {record.reason}", err=True)
    if len(set_aside) > 20:
        click.echo(f"set aside: {len(set_aside) - 20} more; --json lists them all", err=True)
    summary(tally, done)
