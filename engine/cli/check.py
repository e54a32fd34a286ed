"""`parcours check`: everything that is wrong with a workspace, in one run."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="One object with all problems, for programs.")
def command(path: Path, as_json: bool) -> None:
    """Say everything that is wrong with the workspace at PATH (default: here), with file, line and column.

    Needs files only: no Redis, no network. Exit code 1 when there are problems.
    """
    from engine.define.folder import compile_folder, workspace_of
    from engine.define.report import as_data, listing

    folder = workspace_of(path)
    compiled = compile_folder(folder)
    problems = compiled.problems
    if path.is_file():
        name = path.resolve().relative_to(folder.resolve()).as_posix()
        problems = tuple(problem for problem in problems if problem.place.file == name)
    plan = compiled.plan
    if as_json:
        data = {"problems": [as_data(problem) for problem in problems], "fingerprint": plan.fingerprint}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif problems:
        click.echo(listing(problems))
    else:
        journeys, messages = len(plan.journeys), len(compiled.renderer.messages())
        languages = ", ".join(compiled.renderer.locales)
        click.echo(f"No problems: {journeys} journeys, {messages} messages, in {languages}.")
    if problems:
        raise SystemExit(1)
