"""`parcours report`: measures of what customers did and what the engine did, from the archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import workspace_option

if TYPE_CHECKING:
    from engine.model.plan import Plan
    from engine.report.archive.place import Place
    from engine.report.showing.making import Report
    from engine.settings import Settings


@click.command()
@click.argument("measures", nargs=-1)
@click.option("--since", default="", help="From here on: 2026-03-01, 2026-03-01T08:00:00Z, or 30d (default: 90d).")
@click.option("--until", default="", help="Before: 2026-04-01 (default: up to the newest).")
@click.option("--journey", "journeys", multiple=True, metavar="NAME", help="Of what the engine did only this; repeat.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with pictures to FILE.")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs: nothing is rounded.")
@click.option("--list", "listing", is_flag=True, help="Name the measures, and say what exactly each one counts.")
@click.option("--archive", "url", help="The archive: a folder or a bucket (default: the installation's).")
@workspace_option
def command(
    measures: tuple[str, ...],
    since: str,
    until: str,
    journeys: tuple[str, ...],
    html: Path | None,
    as_json: bool,
    listing: bool,
    url: str | None,
    workspace: Path | None,
) -> None:
    """Measure what customers did and what the engine did: all MEASURES, or those that are named.

    Everything comes from the archive, by the definitions of the workspace. Each table says what it counts.
    """
    from engine.report.showing.making import chosen

    try:
        wanted = chosen(measures)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    if html is not None and not html.absolute().parent.is_dir():
        raise click.UsageError(f"--html {html}: there is no folder {html.parent}.")
    if listing:
        from engine.cli.report_text import show_list

        show_list(wanted, _plan(workspace, None))
        return
    place = _archive(url, workspace)
    report = _made(place, _plan(workspace, place), workspace, measures, since, until, journeys)
    if html is not None:
        from engine.report.showing.page import page

        html.write_text(page(report), "utf-8")
    if as_json:
        from engine.report.showing.plain import as_json as as_text

        click.echo(as_text(report))
    elif html is not None:
        click.echo(f"{html}: {len(report.measures)} measures.")
    else:
        from engine.cli.report_text import show

        show(report)


def _made(
    place: Place,
    plan: Plan,
    workspace: Path | None,
    measures: tuple[str, ...],
    since: str,
    until: str,
    journeys: tuple[str, ...],
) -> Report:
    from engine.report.showing.making import reported

    folder = _settings(workspace).state_path / "archive-copies"
    try:
        return reported(place, folder, plan, names=measures, since=since, until=until, journeys=journeys)
    except ValueError as fault:
        said = str(fault)
        raise click.UsageError(said[0].upper() + said[1:] + "." * (not said.endswith((".", "?")))) from None


def _archive(url: str | None, workspace: Path | None) -> Place:
    """Raises SetupError where there is none."""
    from engine.cli.archive import archive_of
    from engine.model.errors import SetupError
    from engine.report.archive.manifest import read_manifest
    from engine.report.archive.place import open_place

    place = open_place(url, make=False) if url is not None else archive_of(workspace)
    if read_manifest(place) is None:
        where = f"at {url}" if url is not None else "yet"
        raise SetupError(
            f"There is no archive {where}: `parcours up` keeps one and begins within half a minute; `parcours archive"
            " run` does it now."
        )
    return place


def _plan(workspace: Path | None, place: Place | None) -> Plan:
    """The definitions of the workspace; where it has no files (a machine that only reports), the newest that ran.

    Raises DefinitionError, SetupError.
    """
    from engine.define.folder import read_folder
    from engine.define.workspace import compile_sources
    from engine.model.errors import SetupError

    folder = _settings(workspace).workspace
    if (folder / "journeys").is_dir():
        return compile_sources(read_folder(folder)).sound().plan
    if place is not None:
        from engine.report.archive.plans import read_plans

        plans = read_plans(place)
        if plans:
            return compile_sources(list(plans.values())[-1].sources).sound().plan
    raise SetupError(f"{folder} is no workspace: it has no folder 'journeys'. Say where it is by --workspace.")


def _settings(workspace: Path | None) -> Settings:
    from engine.settings import load

    return load(workspace=workspace) if workspace is not None else load()
