"""`parcours profile`: look at a customer, hand out what is held, merge two, erase one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.installation import open_store, workspace_option
from engine.cli.operator import somebody

if TYPE_CHECKING:
    from engine.runtime.engine import Engine

WHO = "any identifier (email:ana@example.org, customer_id:ana, or its bare value) or the id of a customer"


@click.group()
def command() -> None:
    """Customers: look at one, hand out everything that is held, merge two, erase one."""


@contextmanager
def _engine(workspace: Path | None) -> Iterator[Engine]:
    from engine.runtime.bells import Noted
    from engine.runtime.engine import Engine
    from engine.runtime.plans import PublishedPlans
    from engine.runtime.senders import SetUpSenders
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    with open_store(workspace) as store:
        yield Engine(store, PublishedPlans(store), SetUpSenders(settings, store), Noted())


@command.command(
    help=f"Show who a customer is, what they agreed to, where they stand and what is planned. WHO is {WHO}."
)
@click.argument("who")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@workspace_option
def show(who: str, as_json: bool, workspace: Path | None) -> None:
    """Show one customer."""
    from engine.runtime.held import summary

    with _engine(workspace) as engine:
        found = summary(engine, who)
    click.echo(_json(found) if as_json else "\n".join(_told(found)))


@command.command(help=f"Write everything that is held of a customer, as one JSON object. WHO is {WHO}.")
@click.argument("who")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="A file (default: the terminal).")
@workspace_option
def export(who: str, to: Path | None, workspace: Path | None) -> None:
    """Hand out one customer."""
    from engine.runtime.held import everything

    with _engine(workspace) as engine:
        text = _json(everything(engine, who))
    if to is None:
        click.echo(text)
    else:
        to.write_text(f"{text}\n", "utf-8")
        click.echo(f"Written to {to}.")


@command.command(
    help=f"Delete everything that is held of a customer, for good. What is planned is cancelled. WHO is {WHO}."
)
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
def erase(who: str, yes: bool, workspace: Path | None) -> None:
    """Erase one customer."""
    from engine.runtime.held import profile_of
    from engine.runtime.people import erase as delete

    with _engine(workspace) as engine:
        profile = profile_of(engine, who)
        if not yes:
            click.confirm(f"Delete everything that is held of {profile.label}? It cannot be undone.", abort=True)
        done = delete(engine, profile.id, somebody())
    click.echo("Erased." if done else "Accepted: it follows as soon as a worker comes to it.")


@command.command(
    help="Merge the customer ABSORB into KEEP: they are one. What both are in goes on; a redirect stays for ABSORB."
)
@click.argument("keep")
@click.argument("absorb")
@click.option("--force", is_flag=True, help="Also when a strong identifier says that they are two people.")
@workspace_option
def merge(keep: str, absorb: str, force: bool, workspace: Path | None) -> None:
    """Merge two customers."""
    from engine.runtime.people import merge as unite

    with _engine(workspace) as engine:
        kept, done = unite(engine, keep, absorb, somebody(), forced=force)
    click.echo(f"{absorb} is now {keep} ({kept})." if done else "Accepted: it follows as soon as a message has left.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _told(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['customer']} ({found['profile']})"
    for name, values in found["identifiers"].items():
        yield f"  {name}: {', '.join(values)}"
    if found["merged"]:
        yield f"  merged with {len(found['merged'])} other{'s' if len(found['merged']) > 1 else ''}"
    yield "Known"
    own = {name: value for name, value in found["attributes"].items() if name not in found["identifiers"]}
    yield from _lines(f"{name}: {value}" for name, value in sorted(own.items()))
    yield "Consent"
    yield from _lines(
        f"{key} {each['state']} {each['at']}"
        + (f", {each['source']}" if each["source"] else "")
        + (f": {each['wording']}" if each["wording"] else "")
        for key, each in found["consent"].items()
    )
    if found["dead"]:
        yield "Dead addresses"
        yield from _lines(f"{channel}: {address}" for channel, address in found["dead"].items())
    if found["suppressed"]:
        yield "Silenced"
        yield from _lines(f"{name}: {until}" for name, until in found["suppressed"].items())
    if found["offers"]:
        yield "Actions shown"
        yield from _lines(
            f"{name}: {', '.join(f'{outcome} {at}' for outcome, at in said.items())}"
            for name, said in found["offers"].items()
        )
    if found["table"]:
        yield "On the table"
        yield from _lines(
            f"{'not ' if each['kept_off'] else ''}{each['action']}"
            + (f" at {', '.join(each['placements'])}" if each["placements"] else "")
            + f" until {each['until']} ({each['journey']})"
            for each in found["table"]
        )
    yield "Segments"
    yield from _lines(found["segments"])
    yield "Journeys"
    yield from _lines(
        f"{' '.join(filter(None, (each['journey'], each['key'])))} at {each['step'] or 'its end'} since {each['since']}"
        for each in found["journeys"]
    )
    yield "Planned"
    yield from _lines(
        f"{each['at'] or 'when its turn comes'} {each['what']} {each['name']} of {each['journey']} ({each['place']})"
        for each in found["planned"]
    )


def _lines(lines: Any) -> Iterator[str]:
    none = True
    for line in lines:
        none = False
        yield f"  {line}"
    if none:
        yield "  nothing"
