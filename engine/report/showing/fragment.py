"""One measure as a part of a page: its definition, its pictures, its tables. The console shows the same."""

from __future__ import annotations

from markupsafe import Markup

from engine.model.words import Words
from engine.report.measures.measure import Chart, Column, Found, Measure, Table
from engine.report.showing.drawing import drawn, is_wide
from engine.report.showing.figures import Figures, shown_columns, words
from engine.report.showing.speaking import said
from engine.report.showing.svg import el

MOST_ROWS = 200


def fragment(measure: Measure, definition: str, found: Found, figures: Figures, *, level: int = 2) -> Markup:
    """The section of one measure. Its headings begin at `level`; its classes are those of style.css beside this file,
    its ids begin with `report-` and the measure's name. There is no script and no style in it."""
    voice = figures.voice
    found = said(found, voice)
    name = f"report-{measure.name}"
    heading, under = f"h{level}", f"h{level + 1}"
    pictures = [
        el(
            "figure",
            el("figcaption", chart.title),
            el(
                "div",
                drawn(chart, figures, f"{name}-chart{number}"),
                class_="scroll",
                tabindex="0",
                role="region",
                aria_label=voice.tell(Words("{title}, picture", title=chart.title)),
            ),
            class_="wide" if is_wide(chart) else None,
        )
        for number, chart in enumerate(_worth(found.charts), start=1)
    ]
    lacks = [el("ul", *(el("li", *_quoted(each)) for each in found.lacks), class_="lack")] if found.lacks else []
    tables = [
        _table(table, figures, under, f"{name}-table{number}") for number, table in enumerate(found.tables, start=1)
    ]
    return el(
        "section",
        el(heading, voice.tell(measure.title), id=name),
        el(
            "details",
            el("summary", voice.tell(Words("What this counts"))),
            el("p", *_quoted(voice.tell(definition))),
            class_="definition",
        ),
        *lacks,
        *([el("div", *pictures, *tables, class_="parts")] if pictures or tables else []),
        class_="measure",
        aria_labelledby=name,
    )


def _quoted(text: str) -> list[str]:
    """Words, what stands between backticks as code."""
    return [el("code", part) if place % 2 else part for place, part in enumerate(text.split("`"))]


def _worth(charts: tuple[Chart, ...]) -> list[Chart]:
    """The charts that have anything to draw."""
    return [
        each
        for each in charts
        if any(flow.value > 0 for flow in each.flows)
        or any(value is not None for one in each.series for value in one.values)
    ]


def _table(table: Table, figures: Figures, heading: str, name: str) -> Markup:
    shown = shown_columns(table)
    head = el("tr", *(el("th", column.title, scope="col", class_=_side(column)) for _, column, _, _ in shown))
    rows = []
    for row in table.rows[:MOST_ROWS]:
        cells = []
        for number, each in enumerate(shown):
            value, ends = words(figures, row, each)
            more = [el("span", ends, class_="ends")] if ends else []
            if number == 0:
                cells.append(el("th", value, *more, scope="row", class_=_side(each[1])))
            else:
                cells.append(el("td", value, *more, class_=_side(each[1])))
        rows.append(el("tr", *cells))
    rest = len(table.rows) - MOST_ROWS
    notes = [table.meaning] if table.meaning else []
    notes += [figures.voice.tell(Words("{rest:,} more rows: --json has all of them.", rest=rest))] if rest > 0 else []
    return el(
        "div",
        el(heading, table.title, id=name),
        *(el("p", note, class_="note") for note in notes),
        el(
            "div",
            el("table", el("thead", head), el("tbody", *rows), aria_labelledby=name),
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label=figures.voice.tell(
                Words("{title}, table", title=table.title)
            ),  # a table may be called as its measure is
        ),
        class_="card wide" if sum(1.6 if low is not None else 1 for _, _, low, _ in shown) > 6 else "card",
    )


def _side(column: Column) -> str:
    return "words" if column.unit == "text" else "figure"
