"""`parcours check`: everything that is wrong with a workspace, in one run."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="One object with all problems, for programs.")
@click.option("--explain", "code", metavar="CODE", help="Say what a code means and what to do about it.")
def command(path: Path, as_json: bool, code: str | None) -> None:
    """Say everything that is wrong with the workspace at PATH (default: here), with file, line and column.

    Needs files only: no Redis, no network. Exit code 1 when there are problems; hints alone do not fail.
    """
    if code is not None:
        from engine.define.explain import explain

        click.echo(explain(code).rstrip("\n"))
        return
    from engine.define.checks import HINTS, findings
    from engine.define.checks.report import listing
    from engine.define.folder import compile_folder, workspace_of
    from engine.define.report import as_data
    from engine.define.salvage import without_followers
    from engine.testing.stories.run import story_problems

    folder = workspace_of(path)
    compiled = compile_folder(folder)
    plan = compiled.plan
    extra = findings(plan, compiled.renderer, compiled.sources, compiled.problems)
    followers = without_followers([*extra, *story_problems(compiled, folder)], compiled.unread)
    problems = sorted({*compiled.problems, *followers})
    if path.is_file():
        name = path.resolve().relative_to(folder.resolve()).as_posix()
        problems = [problem for problem in problems if problem.place.file == name]
    hints = [problem for problem in problems if problem.code in HINTS]
    faults = [problem for problem in problems if problem.code not in HINTS]
    if as_json:
        found = [as_data(each) | {"level": "hint" if each.code in HINTS else "error"} for each in problems]
        click.echo(json.dumps({"problems": found, "fingerprint": plan.fingerprint}, ensure_ascii=False, indent=2))
    else:
        if problems:
            click.echo(listing(problems, HINTS))
        if not faults:
            journeys, messages = len(plan.journeys), len(compiled.renderer.messages())
            languages = ", ".join(compiled.renderer.locales)
            click.echo(f"No problems: {journeys} journeys, {messages} messages, in {languages}.")
        if problems:
            last = faults[0] if faults else hints[0]
            click.echo(f"What a code means: parcours check --explain {last.code}")
    if faults:
        raise SystemExit(1)
