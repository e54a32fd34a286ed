"""Tables of a run for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from engine.policy.wallclock import iso

if TYPE_CHECKING:
    from collections import Counter

    from engine.model.record import Record
    from engine.testing.run import Done
    from engine.testing.tally import Tally


def summary(tally: Tally, done: Done, console: Console | None = None) -> None:
    """Messages by journey and channel, what was held and refused and why, goals, and how long it took."""
    console = console or Console(highlight=False)
    console.print(_messages(tally))
    for title, counts in (("Held", tally.held), ("Not sent", tally.refused)):
        if counts:
            console.print(_reasons(title, counts))
    console.print(_journeys(tally))
    tail = f", {done.duplicates:,} repeats ignored" if done.duplicates else ""
    tail += f", {done.set_aside:,} lines set aside" if done.set_aside else ""
    span = f" from {iso(done.first)[:10]} to {iso(done.last)[:10]}" if done.events else ""
    console.print(
        f"{done.events:,} events of {done.profiles:,} customers{span} in {done.seconds:.1f} s{tail}.", soft_wrap=True
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("sent", "times", "started", "goal", "ended") else "left")
    return table


def _messages(tally: Tally) -> Table:
    table = _table("Sent", "journey", "message", "channel", "sent")
    for (journey, message, channel), count in sorted(tally.sent.items()):
        table.add_row(journey, message, channel, f"{count:,}")
    table.add_row("all", "", "", f"{sum(tally.sent.values()):,}", style="bold")
    return table


def _reasons(title: str, counts: Counter[tuple[str, str]]) -> Table:
    table = _table(title, "journey", "because of", "times")
    for (journey, rule), count in sorted(counts.items()):
        table.add_row(journey, rule, f"{count:,}")
    return table


def _journeys(tally: Tally) -> Table:
    table = _table("Journeys", "journey", "started", "goal", "ended otherwise")
    for journey, count in sorted(tally.started.items()):
        others = [(rule, n) for (name, rule), n in sorted(tally.ended.items()) if name == journey and rule != "goal"]
        words = ", ".join(f"{rule} {n:,}" for rule, n in others)
        table.add_row(journey, f"{count:,}", f"{tally.goals(journey):,}", words)
    return table


def story_line(record: Record) -> str:
    """One line of a customer's story."""
    what = f"{record.message} by {record.channel}" if record.message and record.channel else record.message
    what += f" to {record.extra['to']}" if record.extra and "to" in record.extra else ""
    until = f" until {iso(record.until)}" if record.until is not None else ""
    why = f" - {record.reason}" if record.reason else ""
    place = f" ({record.place})" if record.place else ""
    return f"{iso(record.at)}  {record.journey:<18} {record.kind:<9} {what}{until}{why}{place}"
