"""A report for the terminal: tables, with what stands in them; pictures are for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from engine.cli.figures import put, row
from engine.cli.figures import table as empty
from engine.report.showing.figures import Figures, shown_columns, words
from engine.report.showing.page import days
from engine.report.showing.svg import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.plan import Plan
    from engine.report.measures.measure import Measure, Table
    from engine.report.showing.making import Report

MOST_ROWS = 40


def show(report: Report, console: Console | None = None) -> None:
    """All measures, one after the other."""
    console = console or Console(highlight=False)
    figures = Figures(report.currency)
    of = f", only {', '.join(report.journeys)}" if report.journeys else ""
    console.print(escape(f"{clean(report.shop)}, {days(report)} ({report.window.zone}){of}"), style="bold")
    console.print("What each measure counts: parcours report --list", style="dim")
    for each in report.measures:
        console.print()
        console.rule(f"[bold]{escape(each.measure.title)}[/]", align="left", style="dim")
        console.print()
        for lack in each.found.lacks:
            console.print(f"[yellow]{escape(lack)}[/]")
            console.print()
        for table in each.found.tables:
            _put(console, table, figures)


def _put(console: Console, table: Table, figures: Figures) -> None:
    shown = shown_columns(table)
    made = empty(escape(table.title), *(escape(column.title) for _, column, _, _ in shown))
    for place, (_, column, _, _) in enumerate(shown):
        made.columns[place].justify = "left" if column.unit == "text" else "right"
    for cells in table.rows[:MOST_ROWS]:
        said = []
        for each in shown:
            value, ends = words(figures, cells, each)
            said.append(clean(f"{value}\n{ends}" if ends else value))
        row(made, *said)
    rest = len(table.rows) - MOST_ROWS
    notes = [*([table.meaning] if table.meaning else []), *([f"{rest:,} more rows: --json."] if rest > 0 else [])]
    put(console, made, "\n".join(notes))


def show_list(measures: Sequence[Measure], plan: Plan, console: Console | None = None) -> None:
    """What there is to measure, in the exact words."""
    console = console or Console(highlight=False)
    for each in measures:
        console.print(f"[bold]{each.name}[/]  {escape(each.title)}. Needs: {escape(each.needs)}", soft_wrap=True)
        console.print(Padding(escape(each.definition(plan)), (0, 0, 1, 2)))
