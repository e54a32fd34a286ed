"""What a measure is and what it gives: tables, charts as data, and the words beside them. Nothing here is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.model.plan import Plan
    from engine.report.measures.basis import Basis

# How a figure is to be read: `share` 0.25 is 25 %, `money` has two decimals, `ms` is a span of time, `days` are days of
# 24 hours, `index` 1.5 is one and a half times, `number` anything else that is no whole count.
Unit = Literal["text", "count", "share", "money", "ms", "days", "index", "number"]
# None: not known, and never 0.
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and how its cells are to be read. `low` and `high` are the headings of the columns that
    hold the ends of its interval, '' where it has none."""

    title: str
    unit: Unit = "text"
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures, not rounded. `meaning` says in words what stands there; it is shown with the table."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one bar colour, line or funnel. For `lines`, `at` has the place of each value on the x axis. `low`
    and `high` are the ends of the interval of each, where there is one."""

    name: str
    values: tuple[float | None, ...]
    at: tuple[float, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """So much goes from one node of a Sankey to another. Nodes are numbered by `stage`, from the left, from 0."""

    stage: int
    source: str
    target: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as data. `bars` and `funnel`: a value of each series for each of `labels`. `lines`: series with their
    own x values, `steps` when a value holds until the next. `sankey`: `flows`, from stage n to stage n + 1."""

    kind: Literal["bars", "lines", "sankey", "funnel"]
    title: str
    unit: Unit
    labels: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    flows: tuple[Flow, ...] = ()
    x_title: str = ""
    x_unit: Unit = "number"
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a measure gives. `lacks` says in words what could not be measured, and what to declare or send."""

    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: `name` is its word on the command line, `definition` the exact words shown beside its figures (with
    the declarations that it goes by), `needs` what must be declared or sent for it to say anything."""

    name: str
    title: str
    needs: str
    definition: Callable[[Plan], str]
    run: Callable[[Basis], Found]


@dataclass(frozen=True, slots=True)
class Window:
    """What happened from `since` on and before `until` (epoch ms), in a workspace whose days are those of `zone`."""

    since: int
    until: int
    zone: str = "UTC"


def rows_of(found: Sequence[Sequence[object]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows of DuckDB as cells: exact decimals become floats, and nothing else changes."""
    return tuple(tuple(_cell(each) for each in row) for row in found)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return float(value)  # type: ignore[arg-type]


def columns(units: Mapping[str, Unit]) -> tuple[Column, ...]:
    """Columns without intervals, from headings and units."""
    return tuple(Column(title, unit) for title, unit in units.items())
