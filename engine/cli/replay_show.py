"""The answer of `parcours replay` for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli.figures import put, row, table
from engine.policy.wallclock import iso
from engine.report.replay.figures import Changes
from engine.report.replay.side_by_side import Pair, side_by_side

if TYPE_CHECKING:
    from engine.report.replay.fail_if import Verdict
    from engine.report.replay.line import Figure, Line
    from engine.report.replay.what_if import WhatIf

MOST = 10  # examples of each sort
ASSUMED = (
    "Assumed: what customers did by themselves stays as it was. What was reported of a message (delivered, opened, "
    "clicked, answered) counts where it is the same message: same customer, journey, run, step, channel, address and "
    "words, at most an hour apart. Others are taken by their provider, and nobody reacts to them; services answer "
    "nothing new. Rates are not kept to."
)
NOT_SENT = ("held", "refused", "expired", "cancelled", "withdrawn", "held_out", "unknown", "retried")
RUNS = ("started", "ended", "split", "called", "chosen", "suggested", "suppressed", "entered", "left", "flagged")


def progress() -> Callable[[int, int], None] | None:
    """Tells on a terminal how far it is; None where there is none."""
    if not sys.stderr.isatty():
        return None

    def told(done: int, parts: int) -> None:
        end = "\r\x1b[K" if done == parts else ""
        print(f"\r\x1b[Kreplayed {100 * done // parts} %{end}", end="", file=sys.stderr, flush=True)

    return told


def show(found: WhatIf, verdicts: Sequence[Verdict] = (), console: Console | None = None) -> None:
    """What would be different, the figures, and what to know before believing them."""
    console = console or Console(highlight=False)
    made = found.found
    if found.who:
        _told(found, console)
    if not made.differences and not made.reworded:
        console.print("[bold]No difference.[/]")
    else:
        for title, kinds in (("Sent", ("sent",)), ("Held and not sent", NOT_SENT), ("Journeys", RUNS)):
            _figures(found, console, title, kinds)
        _examples(found, console)
    _doubts(found, console)
    plans = "one plan" if len(found.plans) == 1 else f"{len(found.plans)} plans"
    console.print(
        f"{_many(made.customers, 'customer')}, {_many(found.events, 'event')} in all from {iso(found.since)} to "
        f"{iso(found.until)}, decided by {plans} then; {_many(len(made.differing), 'customer')} would have had "
        "something else.",
        soft_wrap=True,
    )
    if made.differences or made.reworded:
        console.print(ASSUMED, soft_wrap=True, style="dim")
    for each in verdicts:
        was = "" if each.was is None else f"{each.was:,} then, "
        text = f"{escape(each.condition.text)}: {was}{each.would:,} with the draft"
        console.print(f"[bold red]fails[/] {text}" if each.holds else f"[bold]passes[/] {text}", soft_wrap=True)


def _figures(found: WhatIf, console: Console, title: str, kinds: Sequence[str]) -> None:
    """Rows of what differs; the sum is that of everything."""
    was, would = found.found.was, found.found.would
    keys = sorted({each for each in (*was, *would) if each[0] in kinds})
    if not any(was[each] != would[each] for each in keys):
        return
    made = table(title, "what", "then", "draft", "change")
    for each in keys:
        if was[each] != would[each]:
            row(made, _words(each, kinds), f"{was[each]:,}", f"{would[each]:,}", _change(was[each], would[each]))
    one, other = sum(was[each] for each in keys), sum(would[each] for each in keys)
    row(made, "all, with what stays the same", f"{one:,}", f"{other:,}", _change(one, other))
    put(console, made)


def _words(each: Figure, kinds: Sequence[str]) -> str:
    kind, journey, message, channel, rule = each
    what = message if len(kinds) == 1 else f"{kind} {message}".strip()
    by = f" by {channel}" if channel else ""
    return f"{journey + ': ' if journey else ''}{what}{by}{' - ' + rule if rule and rule != kind else ''}"


def _change(was: int, would: int) -> str:
    share = f" ({100 * (would - was) / was:+.0f} %)" if was else ""
    return f"{would - was:+,}{share}"


def _examples(found: WhatIf, console: Console) -> None:
    changes = Changes.of(found.found)
    shown: list[tuple[str, list[str]]] = [
        ("would not be sent any more", [_line(found, each) for each in changes.gone]),
        ("would be sent as well", [_line(found, each) for each in changes.new]),
        (
            "would leave at another time, or by another channel",
            [f"{_line(found, was)} -> {would.channel} {iso(would.at)}" for was, would in changes.shifted],
        ),
    ]
    for words, lines in shown:
        if lines:
            console.print(f"[bold]{_many(len(lines), 'message')} {words}[/]")
            for line in lines[:MOST]:
                console.print(f"  {escape(line)}", soft_wrap=True)
            if len(lines) > MOST:
                console.print(f"  ... and {len(lines) - MOST:,} more: --json lists them all")
            console.print()
    for (message, channel), times in sorted(found.found.reworded.items()):
        console.print(f"{times:,} of {escape(message)} by {channel} would say something else.", soft_wrap=True)


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _line(found: WhatIf, line: Line) -> str:
    who = found.found.labels.get(line.profile, line.profile)
    return f"{iso(line.at)}  {who}  {line.journey}: {line.message} by {line.channel}"


def _doubts(found: WhatIf, console: Console) -> None:
    made = found.found
    for (message, channel, place, reason), times in sorted(made.unrendered.items()):
        text = f"{message} by {channel} could not be written {times:,} times: {reason} ({place})"
        console.print(f"[bold]! {escape(text)}[/]", soft_wrap=True)
    for name, times in sorted(made.unknown.items()):
        console.print(f"! {times:,} events {escape(name)} are left out: the draft does not know them.", soft_wrap=True)
    if made.left_out:
        names = ", ".join(f"{name} {times:,}" for name, times in sorted(made.left_out.items()))
        console.print(f"! Reactions left out, as their message is not the same: {escape(names)}.", soft_wrap=True)
    for fault in made.faults[:MOST]:
        console.print(f"! The draft fails: {escape(fault)}", soft_wrap=True)
    if len(made.faults) > MOST:
        console.print(f"! ... and {len(made.faults) - MOST:,} times more: --json lists them all.", soft_wrap=True)
    if made.astray:
        console.print(
            f"! {made.astray:,} outcomes are decided otherwise today under the plans of then (another release of the "
            "engine): so much of the difference may be due to that.",
            soft_wrap=True,
        )


def _told(found: WhatIf, console: Console) -> None:
    made = Table(show_edge=False, pad_edge=False)
    for name in ("when", "what was", "what would be"):
        made.add_column(name, overflow="fold")
    for each in side_by_side(found):
        made.add_row(iso(each.at), _cell(each, each.was), _cell(each, each.would))
    names = ", ".join(found.found.labels.get(each, each) for each in found.who)
    console.print(f"[bold]{escape(names)}[/]")
    console.print(made)
    console.print()


def _cell(each: Pair, text: str) -> str:
    return escape(text) if each.was == each.would else f"[bold]{escape(text)}[/]"
