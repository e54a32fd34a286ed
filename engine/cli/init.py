"""`parcours init`: a new workspace with the starter journeys and templates."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import click

from engine.define.starter import FOLDERS, starter
from engine.model.errors import SetupError


def copy_starter(target: Path) -> list[Path]:
    """Copy the starter into `target`, which may exist. Returns the files written, relative and sorted.

    Raises SetupError, and writes nothing, when any file is already there.
    """
    source = starter()
    files = sorted(
        path.relative_to(source)
        for name in FOLDERS
        for path in (source / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    in_the_way = [path for path in files if (target / path).exists()]
    if in_the_way:
        some = ", ".join(map(str, in_the_way[:5])) + (", ..." if len(in_the_way) > 5 else "")
        raise SetupError(
            f"{len(in_the_way)} files in {target} are in the way and were left alone: {some}. Choose an empty folder."
        )
    try:
        for path in files:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, target / path)
    except OSError as error:
        raise SetupError(f"{error.filename or target} cannot be written: {error.strerror}.") from None
    return files


@click.command()
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
def command(path: Path) -> None:
    """Make a workspace at PATH: the starter journeys and templates, yours to change."""
    files = copy_starter(path)
    click.echo(f"{len(files)} files in {path}. Next:\n")
    click.echo(f"  cd {shlex.quote(str(path))}\n  parcours check\n  parcours up")
