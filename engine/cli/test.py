"""`parcours test`: the stories of a workspace, in virtual time."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("-k", "words", default="", help="Only cases in whose file or name all of these words occur.")
@click.option("--coverage", is_flag=True, help="List the steps and branches that no case reaches.")
@click.option("--fail-under", type=click.IntRange(1, 100), help="The least coverage of each journey, in percent.")
@click.option("--json", "as_json", is_flag=True, help="One object with all cases and failures, for programs.")
def command(paths: tuple[Path, ...], words: str, coverage: bool, fail_under: int | None, as_json: bool) -> None:
    """Run the stories at PATHS (default: all of the workspace here) in virtual time and say which do not hold.

    A story is a YAML file whose first key is 'tests:', in journeys/ or tests/. Needs files only: no Redis, no
    network. Exit code 1 when a case fails, when a story has problems, or when there is none.
    """
    from engine.testing.stories.report import as_json as to_json
    from engine.testing.stories.report import as_text
    from engine.testing.stories.suite import run_stories

    suite = run_stories(paths or (Path(),), words, coverage=coverage or fail_under is not None)
    low = [reach for reach in suite.reach if fail_under is not None and reach.percent < fail_under]
    click.echo(to_json(suite) if as_json else as_text(suite))
    if low and not as_json:
        names = ", ".join(f"{reach.journey} {reach.percent} %" for reach in low)
        click.echo(f"Below {fail_under} %: {names}.")
    if low or not suite.sound:
        raise SystemExit(1)
