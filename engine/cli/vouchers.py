"""`parcours vouchers`: the pools of voucher codes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.model.plan import Plan
    from engine.runtime.store import Store


@click.group()
def command() -> None:
    """The pools of voucher codes: how many are left, and new ones."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@workspace_option
def list_(as_json: bool, workspace: Path | None) -> None:
    """List the pools: codes that are free, with messages that have not ended, and ever loaded."""
    with open_store(workspace) as store:
        pools = store.vouchers.pools(_plan(store))
    if as_json:
        from json import dumps

        for pool in pools:
            click.echo(dumps(asdict(pool)))
    elif not pools:
        click.echo("The catalogue has no vouchers.")
    for pool in pools if not as_json else ():
        few = f"  few: under {pool.low}" if pool.free < pool.low else ""
        click.echo(f"{pool.name:<20} {pool.free:>9,} free  {pool.given:>7,} given  {pool.total:>9,} in all{few}")


@command.command()
@click.argument("pool")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@workspace_option
def load(pool: str, file: Path, workspace: Path | None) -> None:
    """Put the codes of FILE into POOL: one a line, or the first column of a .csv.

    A code that was ever in the pool stays as it is, free or given.
    """
    from engine.define.doc import did_you_mean
    from engine.model.codes import read_codes

    try:
        codes = read_codes(file.read_text("utf-8-sig"))
    except ValueError as fault:
        raise click.ClickException(f"{file} cannot be read: {fault}.") from None
    with open_store(workspace) as store:
        declared = {each.name for each in store.vouchers.pools(_plan(store))}
        if pool not in declared:
            raise click.UsageError(f"The catalogue has no vouchers '{pool}'. {did_you_mean(pool, declared)}".strip())
        new = store.vouchers.add(pool, codes)
    click.echo(f"{new:,} new codes in {pool}; {len(codes) - new:,} were there before.")


def _plan(store: Store) -> Plan:
    from engine.runtime.plans import PublishedPlans

    return PublishedPlans(store).at(store.pulse().plan).plan
