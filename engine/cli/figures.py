"""Numbers and tables of reports, for the terminal."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from engine.report.decisions.interval import Estimate


def number(value: float) -> str:
    """Four significant digits; `-` for what is not known."""
    return f"{value:.4g}" if isfinite(value) else "-"


def percent(value: float) -> str:
    return f"{100 * value:.3g} %" if isfinite(value) else "-"


def between(found: Estimate) -> str:
    """An estimate and its interval: 0.0102 [0.0098, 0.0106]."""
    if not isfinite(found.value):
        return "-"
    return f"{number(found.value)} [{number(found.low)}, {number(found.high)}]"


def shares(found: Estimate) -> str:
    """The same in percent: 12.3 % [10.1, 14.8]."""
    if not isfinite(found.value):
        return "-"
    low, high = (f"{100 * each:.3g}" if isfinite(each) else "-" for each in (found.low, found.high))
    return f"{percent(found.value)} [{low}, {high}]"


def table(title: str, *columns: str) -> Table:
    """A table whose first column is words, the others figures."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        show_edge=False,
        pad_edge=False,
    )
    for place, column in enumerate(columns):
        made.add_column(column, justify="left" if place == 0 else "right", overflow="fold")
    return made


def row(made: Table, *cells: str, end_section: bool = False) -> None:
    """Add a row of plain text: what looks like markup is shown as it is."""
    made.add_row(*(escape(each) for each in cells), end_section=end_section)


def put(console: Console, made: Table, meaning: str = "") -> None:
    """A table, what it means, and a free line."""
    console.print(made)
    if meaning:
        console.print(f"[dim]{escape(meaning)}[/]", soft_wrap=True)
    console.print()
