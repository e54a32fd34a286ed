"""`parcours messages`: what became of messages, and the texts they are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.cli.catalogues import compile_, extract, update
from engine.cli.installation import open_store, workspace_option


@click.group()
def command() -> None:
    """Messages that were sent (list, show), and their texts in all languages (extract, update, compile)."""


command.add_command(extract)
command.add_command(update)
command.add_command(compile_)


@command.command("list")
@click.option("--unknown", is_flag=True, help="Only those that may have arrived, or arrived twice.")
@click.option("--journey", default="", help="Only those of this journey.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@workspace_option
def list_(unknown: bool, journey: str, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List messages, the newest first."""
    from engine.runtime.messages import brief, doubtful, latest, line_of

    with open_store(workspace) as store:
        if unknown:
            rows = [brief(each) for each in doubtful(store, limit) if journey in ("", each.journey)]
        else:
            rows = [line_of(each) for each in latest(store, limit, journey)]
    if as_json:
        for row in rows:
            click.echo(_json(row))
    elif not rows:
        click.echo("No messages." if not unknown else "No message is in doubt.")
    else:
        _table(rows)


@command.command()
@click.argument("message_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@workspace_option
def show(message_id: str, as_json: bool, workspace: Path | None) -> None:
    """Show one message: its last attempt, what the provider said, how it stands, and its text."""
    from engine.runtime.messages import as_data, message

    with open_store(workspace) as store:
        found = message(store, message_id)
    data = as_data(found)
    if as_json:
        click.echo(_json(data))
        return
    for name, value in data.items():
        if value and name != "parts":
            click.echo(f"{name:<11} {_json(value) if isinstance(value, dict) else value}")
    for name, text in found.parts.items():
        if name != "html":
            click.echo(f"\n{name}:\n{text.rstrip()}")


def _json(value: Any) -> str:
    from json import dumps

    return dumps(value, ensure_ascii=False)


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    columns = ("at", "id", "journey", "message", "channel", "status", "reason")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(row[column])) for column in columns))
    Console(highlight=False).print(table)
