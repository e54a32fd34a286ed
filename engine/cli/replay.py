"""`parcours replay`: what a draft would have made of what really happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.define.workspace import Compiled
    from engine.report.archive.place import Place
    from engine.report.replay.what_if import WhatIf

HOLDS = 3  # exit code: what --fail-if asks for has come


@click.command()
@click.option("--since", required=True, help="From when on: 2026-03-01, 2026-03-01T08:00:00Z, or 7d before its end.")
@click.option("--until", help="Until when (default: the end of the archive).")
@click.option("--workspace", "-w", type=click.Path(path_type=Path), default=Path(), help="The draft (default: here).")
@click.option("--archive", metavar="URL", help="The archive (default: that of this installation).")
@click.option("--profile", default="", help="One customer: identifier:value, the bare value, or an id.")
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION", help="As 'sent.sms > +10%'; exit code 3.")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that share the customers (default: as fits).")
def command(
    since: str,
    until: str | None,
    workspace: Path,
    archive: str | None,
    profile: str,
    conditions: tuple[str, ...],
    as_json: bool,
    jobs: int | None,
) -> None:
    """Run a draft over what was archived, in virtual time, and say what would have been different, and why.

    Who would have got what, when, and what would not have been sent any more. Nothing is sent, and nothing changes.
    """
    from engine.report.archive.plans import read_plans
    from engine.report.replay.fail_if import BadCondition, judge, read
    from engine.report.replay.figures import Names

    compiled = _checked(workspace)
    place = _place(archive, workspace)
    names = Names.of(compiled, read_plans(place)) if conditions else None
    try:
        asked = [read(each, names) for each in conditions] if names is not None else []
    except BadCondition as fault:
        raise click.UsageError(fault.sentence()) from None
    found = _replayed(compiled, place, since, until, profile, jobs, quiet=as_json)
    verdicts = judge(asked, found.found)
    if as_json:
        from engine.report.replay.plain import as_json_text

        click.echo(as_json_text(found, verdicts))
    else:
        from engine.cli.replay_show import show

        show(found, verdicts)
    if any(each.holds for each in verdicts):
        raise SystemExit(HOLDS)


def _checked(workspace: Path) -> Compiled:
    """The draft. What `parcours check` would fail on is shown as it shows it, and ends the command."""
    from engine.define.checks import HINTS, findings
    from engine.define.checks.report import listing
    from engine.define.folder import compile_folder, workspace_of
    from engine.define.salvage import without_followers

    compiled = compile_folder(workspace_of(workspace))
    extra = findings(compiled.plan, compiled.renderer, compiled.sources, compiled.problems)
    problems = sorted({*compiled.problems, *without_followers(list(extra), compiled.unread)})
    faults = [problem for problem in problems if problem.code not in HINTS]
    if faults:
        click.echo(listing(faults, HINTS))
        click.echo(f"What a code means: parcours check --explain {faults[0].code}")
        raise SystemExit(1)
    return compiled


def _place(archive: str | None, workspace: Path) -> Place:
    """The archive that is named, else that of the settings, of the draft's folder, or of the folder we are in."""
    from engine.cli.archive import archive_of
    from engine.model.errors import SetupError
    from engine.report.archive.place import open_place

    if archive is not None:
        return open_place(archive, make=False)
    try:
        return archive_of(workspace if workspace.is_dir() else None)
    except SetupError:
        return archive_of()


def _replayed(
    compiled: Compiled, place: Place, since: str, until: str | None, profile: str, jobs: int | None, *, quiet: bool
) -> WhatIf:
    from engine.report.replay.what_if import ends, what_if
    from engine.runtime.since import since_instant
    from engine.settings import load

    copies = load().state_path / "archive-copies"
    try:
        end = ends(place, copies)
        begin, stop = since_instant(since, end), since_instant(until, end) if until else None
    except ValueError as fault:
        raise click.UsageError(f"{fault}.") from None
    told = None
    if not quiet:
        from engine.cli.replay_show import progress

        told = progress()
    return what_if(compiled.sources, place, copies, begin, stop, profile=profile, jobs=jobs, told=told)
