"""`python -m benchmarks [NAME ...]`: measure, print a table, keep it as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.measure import Measure, as_json, machine, show

NAMES = (
    *("state", "mail", "push", "latency", "rush", "timers", "kills", "policy", "journeys", "profiles", "learning"),
    *("console", "decisions", "offpolicy", "archive", "report", "replay"),
)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--scale", default=1.0, show_default=True, help="A part of the full load; 0.05 is a quick look.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Keep the figures in a file.")
def main(names: tuple[str, ...], scale: float, file: Path | None) -> None:
    """Measure what an event, a message and a timer cost, beside a bare loop and the usual home-made way.

    Nothing else should run meanwhile: the load before the start is part of the output.
    """
    from benchmarks import (
        archive,
        console,
        decisions,
        events,
        growth,
        kills,
        learning,
        offpolicy,
        release,
        replay,
        report,
        rush,
        timers,
    )

    how = {
        "state": events.state,
        "mail": events.mail,
        "push": events.push,
        "latency": events.latency,
        "rush": rush.rush,
        "timers": timers.timers,
        "kills": kills.kills,
        "policy": release.policy,
        "journeys": growth.journeys,
        "profiles": growth.profiles,
        "learning": learning.learning,
        "console": console.console,
        "decisions": decisions.decisions,
        "offpolicy": offpolicy.offpolicy,
        "archive": archive.archive,
        "report": report.report,
        "replay": replay.replay,
    }
    where = {**machine(), "scale": scale}
    found: list[Measure] = []
    for name in names or NAMES:
        click.echo(f"{name} ...", err=True)
        found += how[name](scale)
    show(where, found)
    if file is not None:
        file.write_text(as_json(where, found))


if __name__ == "__main__":
    main()
