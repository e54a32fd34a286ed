"""What a picture says in words: its legend, and the description for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from engine.model.words import Words
from engine.report.measures.measure import Chart, Series
from engine.report.showing.figures import Figures
from engine.report.showing.svg import el, fitted, label, width_of

MOST_TOLD = 12
_ROOM = 460.0


def legend(series: Sequence[Series], several: bool, kind: str = "fill") -> tuple[list[Markup], float]:
    """The names of the series above the picture, and how much room they take."""
    if not several:
        return [], 8.0
    parts: list[Markup] = []
    x, y = 4.0, 16.0
    for number, each in enumerate(series, start=1):
        words = fitted(each.name, 200, 12)
        wide = 22 + width_of(words, 12) + 16
        if x + wide > _ROOM and x > 4:
            x, y = 4.0, y + 18
        parts.append(el("rect", x=x, y=y - 10, width=12, height=12, rx=3, class_=f"{kind}{(number - 1) % 6 + 1}"))
        parts.append(label(x + 18, y, words, "legend"))
        x += wide
    return parts, y + 14


def of_series(chart: Chart, figures: Figures) -> str:
    """The first values of each series, in words."""
    tell = figures.voice.tell
    told = []
    for each in chart.series[:6]:
        places = chart.labels or tuple(figures.text(at, chart.x_unit) for at in each.at)
        pairs = list(zip(places, each.values, strict=False))
        # a line has very many points: those at equal distances tell its way
        step = max(1, -(-len(pairs) // MOST_TOLD)) if chart.kind == "lines" else 1
        first = [
            tell(Words("{what}: {value}", what=fitted(place, 200), value=figures.text(value, chart.unit)))
            for place, value in pairs[::step][:MOST_TOLD]
        ]
        rest = tell(Words("; and more")) if len(pairs) > MOST_TOLD and step == 1 else ""
        told.append(f"{fitted(each.name, 200)}. " * (len(chart.series) > 1) + "; ".join(first) + rest)
    return tell(Words("{values}. The table has all values.", values=". ".join(told)))


def of_flows(chart: Chart, figures: Figures) -> str:
    """The largest flows, in words."""
    tell = figures.voice.tell
    largest = sorted(chart.flows, key=lambda each: (-each.value, each.stage, each.source, each.target))[:MOST_TOLD]
    told = "; ".join(
        tell(
            Words(
                "from {source} to {target}: {text}",
                source=fitted(each.source, 200),
                target=fitted(each.target, 200),
                text=figures.text(each.value, chart.unit),
            )
        )
        for each in largest
    )
    return tell(Words("The largest flows. {flows}. The table has all values.", flows=told))
