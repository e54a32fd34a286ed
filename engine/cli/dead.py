"""`parcours dead`: look into what the engine has set aside, and take it up again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.runtime.dead import Letter


@click.group()
def command() -> None:
    """What the engine could not deal with: list it, look into it, take it up again."""


@command.command("list")
@click.option("--reason", default="", help="Only those whose reason has this text in it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@workspace_option
def list_(reason: str, as_json: bool, workspace: Path | None) -> None:
    """List the dead letters, the oldest first."""
    from engine.runtime.dead import as_data, letters

    with open_store(workspace) as store:
        found, now = letters(store, reason=reason), store.clock().engine
    if as_json:
        for each in found:
            click.echo(_json(as_data(each)))
    elif not found:
        click.echo("No dead letters." if not reason else f"No dead letters whose reason has '{reason}' in it.")
    else:
        _table(found, now)


@command.command()
@click.argument("letter_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@workspace_option
def show(letter_id: str, as_json: bool, workspace: Path | None) -> None:
    """Show one dead letter: what it is, why it is there, and where the engine failed."""
    from engine.runtime.dead import as_data, letter

    with open_store(workspace) as store:
        found = letter(store, letter_id)
    data = as_data(found)
    if as_json:
        click.echo(_json(data))
        return
    for name, value in data.items():
        if name != "trace" and value:
            click.echo(f"{name:<9} {_json(value) if isinstance(value, dict) else value}")
    if found.trace:
        click.echo(f"\n{found.trace.rstrip()}")


@command.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--reason", default="", help="Those whose reason has this text in it.")
@workspace_option
def replay(ids: tuple[str, ...], everything: bool, reason: str, workspace: Path | None) -> None:
    """Take dead letters up again, each once: events go to the end of the inbox, messages ask the gate anew."""
    from engine.cli.operator import somebody
    from engine.runtime.dead import letter, letters
    from engine.runtime.dead import replay as take_up

    if sum((bool(ids), everything, bool(reason))) != 1:
        raise click.UsageError("Say which: one or more ids, --all, or --reason TEXT.")
    with open_store(workspace) as store:
        wanted = [letter(store, each) for each in ids] if ids else letters(store, reason=reason)
        done = take_up(store, wanted, somebody())
    click.echo(
        f"{done} taken up."
        + (f" {len(wanted) - done} had gone already, or are refused still." if done < len(wanted) else "")
    )


def _json(value: Any) -> str:
    from json import dumps

    return dumps(value, ensure_ascii=False, default=str)


def _table(found: list[Letter], now: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False, caption=f"{len(found):,} set aside", caption_justify="left")
    for column in ("id", "age", "what", "reason"):
        table.add_column(column, overflow="fold")
    for each in found:
        table.add_row(each.id, _age(now - each.at), escape(each.what), escape(each.reason))
    Console(highlight=False).print(table)


def _age(ms: int) -> str:
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        if ms >= 2 * length:
            return f"{ms // length}{unit}"
    return f"{max(ms, 0) // 1000}s"
