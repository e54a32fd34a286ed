"""`parcours messages extract | update | compile`: the way of texts to their translators and back."""

from __future__ import annotations

from pathlib import Path

import click

LOCALES = Path("templates") / "locales"

_path = click.argument("path", type=click.Path(path_type=Path), default=Path())


@click.command()
@_path
@click.option("--out", type=click.Path(path_type=Path), help="Where (default: templates/locales/messages.pot).")
def extract(path: Path, out: Path | None) -> None:
    """Write all texts of the templates of the workspace at PATH to one file, for programs of translators."""
    from engine.define.wording import Wording
    from engine.render.texts.pofile import template

    wording = Wording.of(path)
    file = out or wording.folder / LOCALES / "messages.pot"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(template(wording.texts), "utf-8")
    click.echo(f"{file}: {_count(len(wording.texts), 'text')}.")


@click.command()
@_path
@click.option("--locale", multiple=True, help="This language only; begins its file when there is none.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a file is not up to date.")
def update(path: Path, locale: tuple[str, ...], check: bool) -> None:
    """Bring the .po files of the workspace at PATH up to what its templates say."""
    from engine.define.wording import Wording

    stale = False
    for name, file, before, after in Wording.of(path).updated(locale):
        stale = stale or after.text != before
        if not check and after.text != before:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(after.text, "utf-8")
        numbers = {"new": after.new, "fuzzy": after.fuzzy, "without translation": after.empty}
        told = [f"{number} {what}" for what, number in numbers.items() if number]
        told += [f"{after.obsolete} obsolete"] if after.obsolete else []
        state = ", not up to date" if check and after.text != before else ""
        click.echo(f"{file}: {_count(after.texts, 'text')}{''.join(f', {each}' for each in told)}{state}.")
        if not check and after.empty:
            click.echo(f"Write the empty ones in {name}, then: parcours check")
    if check and stale:
        raise SystemExit(1)


@click.command(name="compile")
@_path
@click.option("--out", type=click.Path(path_type=Path), help="Where (default: .parcours/locales).")
def compile_(path: Path, out: Path | None) -> None:
    """Compile the .po files of the workspace at PATH for other programs.

    Parcours itself reads the .po files: nothing needs to be compiled before a deploy.
    """
    from engine.define.wording import Wording

    wording = Wording.of(path)
    for name, data, count in wording.compiled():
        file = (out or wording.folder / ".parcours" / "locales") / name / "LC_MESSAGES" / "messages.mo"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        click.echo(f"{file}: {_count(count, 'text')}.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
