"""`parcours catalog`: what was put over items of the catalogue between releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.model.catalog import Kind
    from engine.model.plan import Plan
    from engine.runtime.store import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


@click.group()
def command() -> None:
    """What lies over items of the catalogue since the last release: a feed put it there, or you."""


@command.command("list")
@click.argument("kind", required=False)
@json_option
@workspace_option
def list_(kind: str | None, as_json: bool, workspace: Path | None) -> None:
    """List the items over which fields were put, of one KIND or of all."""
    with open_store(workspace) as store:
        if kind is not None:
            _kind(_plan(store), kind)
        found = [each for each in store.stock.every() if kind in (None, each[0])]
    for name, key, fields in found:
        click.echo(
            dumps({"kind": name, "key": key, "put": fields}) if as_json else f"{name:<12} {key:<24} {_line(fields)}"
        )
    if not found and not as_json:
        click.echo("Nothing is put over the catalogue: it is as the release has it.")


@command.command()
@click.argument("kind")
@click.argument("key")
@json_option
@workspace_option
def show(kind: str, key: str, as_json: bool, workspace: Path | None) -> None:
    """Show one item: each field as messages read it, and as the release has it where that differs."""
    with open_store(workspace) as store:
        plan = _plan(store)
        _kind(plan, kind)
        written, put = plan.catalog[kind].get(key), store.stock.get(kind, key)
    if written is None and put is None:
        from engine.define.doc import did_you_mean

        hint = did_you_mean(key, plan.catalog[kind])
        raise click.ClickException(f"The catalogue's {kind} has no '{key}'. {hint}".strip())
    if as_json:
        click.echo(dumps({"kind": kind, "key": key, "written": written, "put": put}))
        return
    for name, value in {**(written or {}), **(put or {})}.items():
        before = f"   (the release: {_said((written or {}).get(name))})" if put is not None and name in put else ""
        click.echo(f"{name:<16} {_said(value)}{before if (written or {}).get(name) != value else ''}")


@command.command("set")
@click.argument("kind")
@click.argument("key")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@workspace_option
def set_(kind: str, key: str, fields: Sequence[str], workspace: Path | None) -> None:
    """Put fields over one item; others that were put stay. A text in one language is `name.fr=Bottes`."""
    from engine.runtime.stock import MOST, TooMany
    from engine.runtime.stocking import put_items, wrong

    with open_store(workspace) as store:
        shape = _kind(_plan(store), kind)
        before = dict(store.stock.get(kind, key) or {})
        if shape.dated:
            before.pop(shape.dated, None)  # it is true as of now, unless it is said
        item = _with(shape, before | {shape.key: key}, fields)
        for said in wrong(shape, item):
            raise click.ClickException(said)
        try:
            put_items(store, kind, shape, [item])
        except TooMany:
            raise click.ClickException(f"The catalogue takes up to {MOST:,} items that are put.") from None
    click.echo(f"{kind} {key}: {_line(item)}. Messages say so within a second.")


@command.command()
@click.argument("kind")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@workspace_option
def clear(kind: str, keys: Sequence[str], workspace: Path | None) -> None:
    """Take away what was put over items: they are again as the release has them, or are no more."""
    with open_store(workspace) as store:
        _kind(_plan(store), kind)
        for key in keys:
            if store.stock.get(kind, key) is None:
                raise click.ClickException(
                    f"Nothing was put over '{key}' of the catalogue's {kind}. Nothing is cleared."
                )
        store.stock.put([(kind, key, None) for key in keys])
    click.echo(f"{kind}: {', '.join(keys)} as the release has it.")


def _plan(store: Store) -> Plan:
    from engine.runtime.plans import PublishedPlans

    return PublishedPlans(store).at(store.pulse().plan).plan


def _kind(plan: Plan, name: str) -> Kind:
    from engine.define.doc import did_you_mean
    from engine.model.catalog import Kind
    from engine.render.outside import POOLS

    if name == POOLS:
        raise click.ClickException("Voucher codes are loaded with `parcours vouchers load`.")
    if name not in plan.catalog:
        hint = did_you_mean(name, set(plan.catalog) - {POOLS})
        raise click.ClickException(f"The catalogue has no '{name}'. {hint}".strip())
    return plan.kinds.get(name, Kind())


def _with(shape: Kind, item: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The item with these fields, read by their declared types."""
    for each in fields:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.ClickException(f"'{each}' says nothing. Write FIELD=VALUE: price=99.")
        name, dot, locale = name.partition(".")
        if dot:
            texts = item.get(name)
            item[name] = {**(texts if isinstance(texts, dict) else {"": texts} if texts else {}), locale: value}
        else:
            item[name] = _read(value, shape.fields.get(name, ""))
    return item


def _read(value: str, type_: str) -> Any:
    if type_ in ("number", "integer"):
        try:
            return int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            return value
    return value == "yes" if type_ == "yes_no" and value in ("yes", "no") else value


def _line(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_said(value)}" for name, value in list(fields.items())[1:]) or "no fields"


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return " / ".join(f"{locale or 'all'}: {_said(text)}" for locale, text in value.items())
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    return "".join(each if each.isprintable() else "\ufffd" for each in str(value))
