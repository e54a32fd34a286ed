"""What the year came to, as tables of a few lines."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from engine.testing.tally import Tally

CHANNELS = ("email", "push", "sms", "store")
MEANING = {
    "quiet_hours": "at night: held until morning",
    "no_channel": "agreed to none of the message's channels",
    "cap": "had enough messages that day or that week",
    "holdout": "one in ten is not written to, to compare",
    "cancelled by goal": "the goal came while the message was held",
}


def tables(tally: Tally, console: Console) -> None:
    """Messages by journey and channel, with goals; then what was held or not sent, and why."""
    console.print(_messages(tally))
    console.print()
    console.print(_reasons(tally))


def _messages(tally: Tally) -> Table:
    sent: Counter[tuple[str, str]] = Counter()
    for (journey, _, channel), count in tally.sent.items():
        sent[journey, channel] += count
    table = _table("Messages that left", ("journey",), (*CHANNELS, "all", "started", "goal reached"))
    for journey in sorted(tally.started):
        row = [sent[journey, channel] for channel in CHANNELS]
        _row(table, journey, [*row, sum(row), tally.started[journey], tally.goals(journey)])
    totals = [sum(count for (_, of), count in sent.items() if of == channel) for channel in CHANNELS]
    goals = sum(tally.goals(journey) for journey in tally.started)
    table.add_section()
    _row(table, "all", [*totals, sum(totals), sum(tally.started.values()), goals])
    return table


def _reasons(tally: Tally) -> Table:
    table = _table("Held, or not sent", ("journey", "rule", "meaning"), ("times",))
    for what, counts in (("held", tally.held), ("not sent", tally.refused)):
        for (journey, rule), count in sorted(counts.items()):
            _row(table, journey, [count], f"{what}: {rule}", MEANING.get(rule, ""))
        table.add_section()
    return table


def _table(title: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _row(table: Table, first: str, numbers: list[int], *words: str) -> None:
    table.add_row(first, *words, *(f"{number:,}" if number else "-" for number in numbers))
