"""`parcours plan`: what a release would change against what is deployed."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep what this is a plan of, for deploy --plan.")
@click.option("--history", is_flag=True, help="Instead: who deployed, paused, resumed and killed what, and when.")
def command(workspace: Path | None, as_json: bool, out: Path | None, history: bool) -> None:
    """Say what a deploy of WORKSPACE (default: here) would change, how many people stand where, and who is taken along.

    Exit code 0 when nothing would change, 2 when something would, 1 when it cannot be deployed.
    """
    from engine.cli.installation import open_store

    if history:
        from engine.cli.plan_history import show

        with open_store(workspace) as store:
            click.echo(show(store, as_json))
        return
    from engine.cli.plan_text import text
    from engine.define.folder import read_folder, workspace_of
    from engine.runtime.planning import as_data, examine
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    sources = read_folder(workspace_of(settings.workspace))
    with open_store(workspace) as store:
        outlook = examine(store, sources)
    if out is not None:
        out.write_text(json.dumps({"deployed": outlook.deployed, "workspace": outlook.workspace}) + "\n")
    click.echo(json.dumps(as_data(outlook), ensure_ascii=False, indent=2) if as_json else text(outlook))
    if outlook.problems:
        raise SystemExit(1)
    if not outlook.nothing:
        raise SystemExit(2)
