"""`parcours schema`: JSON Schemas, so that an editor offers what may be written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="The folder to write (default: .parcours/schema)."
)
def command(path: Path, out: Path | None) -> None:
    """Write a JSON Schema for every kind of file, with the names of the workspace at PATH (default: here).

    Outside a workspace the schemas know the keys, but no names. Prints the first line that a file needs so that
    an editor finds its schema.
    """
    from engine.define.folder import compile_folder
    from engine.define.schema import Known, schemas
    from engine.testing.stories.schema import story_schema

    inside = (path / "journeys").is_dir()
    known = Known.of(compile_folder(path)) if inside else None
    folder = out or path / ".parcours" / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    made = {**schemas(known), "tests": story_schema(known)}
    for kind, schema in made.items():
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        (folder / f"{kind}.json").write_text(text + "\n", encoding="utf-8")
    names = "with the names of this workspace" if inside else "without names: there is no journeys/ folder here"
    click.echo(f"{len(made)} schemas in {folder}, {names}. The first line of a file in journeys/:\n")
    way = Path(os.path.relpath(folder.resolve(), (path / "journeys").resolve())).as_posix()
    for kind in made:
        up = "../" if kind == "tests" else ""  # stories stand in a folder of their own
        click.echo(f"  # yaml-language-server: $schema={up}{way}/{kind}.json")
