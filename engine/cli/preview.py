"""`parcours preview`: every message on every channel, in every language, on one page."""

from __future__ import annotations

from pathlib import Path

import click

PORT = 8751


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the page is written (default: preview.html)."
)
@click.option("--serve", is_flag=True, help="Show the page in a browser and renew it whenever a file is saved.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"The port of --serve (default: {PORT}).")
def command(path: Path, out: Path | None, serve: bool, port: int | None) -> None:
    """Render every message of the workspace at PATH (default: here) for made-up customers, as one HTML page.

    The page needs no network and no server. Exit code 1 when the workspace has problems: they stand on top of the
    page, and what can be rendered below them.
    """
    from engine.define.folder import compile_folder, workspace_of
    from engine.render.preview.build import build
    from engine.render.preview.page import page

    if serve and out is not None:
        raise click.UsageError("--out writes a page and --serve shows one: choose one of them.")
    if port is not None and not serve:
        raise click.UsageError("--port is for --serve.")
    folder = workspace_of(path)
    if serve:
        from engine.cli.preview_serve import run

        run(folder, port or PORT)
        return
    compiled = compile_folder(folder)
    preview = build(compiled.plan, compiled.renderer, compiled.problems)
    file = out or Path("preview.html")
    try:
        file.write_text(page(preview), encoding="utf-8")
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be written: {fault.strerror}.") from None
    languages = ", ".join(preview.locales)
    labels = {persona.name: persona.label.lower() for persona in preview.personas}
    click.echo(f"{file}: {len(preview.messages)} messages, {preview.renderings} renderings in {languages}.")
    for message in preview.messages:
        for view in message.views:
            if view.fault:
                who = f"{view.channel}, {view.locale}, customer {labels[view.persona]}"
                click.echo(f"{view.place}: '{message.name}' fails ({who}): {view.fault}")
    if preview.problems:
        count = len(preview.problems)
        said = "1 problem stands" if count == 1 else f"{count} problems stand"
        click.echo(f"{said} on top of the page; 'parcours check' lists everything.")
        raise SystemExit(1)
