"""`parcours explain`: the story of one customer."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.cli.installation import open_store, workspace_option


@click.command()
@click.argument("profile")
@workspace_option
@click.option("--since", help="Only from here on: 2026-03-01, 2026-03-01T08:00:00Z, or 7d for the last seven days.")
@click.option("--journey", help="Only what this journey did, and the events that led to it.")
@click.option("--why-not", "ask", metavar="JOURNEY", help="Say what keeps this journey from starting now.")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
def command(
    profile: str, workspace: Path | None, since: str | None, journey: str | None, ask: str | None, as_json: bool
) -> None:
    """Tell what happened to a customer and why, what is planned, and what could still stop it.

    PROFILE is any identifier (email:ana@example.org, customer_id:ana, or its bare value) or the id of a customer.
    """
    from engine.cli.story_text import story_text
    from engine.runtime.bells import Noted
    from engine.runtime.engine import Engine
    from engine.runtime.explain import explain
    from engine.runtime.plans import PublishedPlans
    from engine.runtime.senders import FixedSenders
    from engine.runtime.since import since_instant
    from engine.runtime.story_data import as_data

    with open_store(workspace) as store:
        engine = Engine(store, PublishedPlans(store), FixedSenders(), Noted())
        try:
            floor = since_instant(since, store.clock().engine) if since else None
        except ValueError as fault:
            raise click.UsageError(f"{fault}.") from None
        story = explain(engine, profile, since=floor, journey=journey or "", ask=ask or "")
        if as_json:
            click.echo(json.dumps(as_data(story), ensure_ascii=False, indent=2))
        else:
            click.echo(story_text(story, floor))
