"""Bars beside their words, and funnels: how much is left at each step."""

from __future__ import annotations

from markupsafe import Markup

from engine.model.words import Words
from engine.report.measures.measure import Chart, Series
from engine.report.showing.figures import Figures
from engine.report.showing.svg import el, label, picture
from engine.report.showing.words import legend, of_series

WIDTH, LEFT, RIGHT = 480.0, 132.0, 74.0
BAR, GAP, GROUP = 16.0, 3.0, 10.0
MOST, MOST_SERIES = 40, 6


def bars(chart: Chart, figures: Figures, name: str) -> Markup:
    """A bar of each series for each label, from 0; values below 0 go to the left of it."""
    shown, series = chart.labels[:MOST], chart.series[:MOST_SERIES]
    several = len(series) > 1
    parts, top = legend(series, several)
    values = [each for one in series for each in one.values[:MOST] if each is not None]
    ends = [each for one in series for each in (*one.low[:MOST], *one.high[:MOST]) if each is not None]
    low, high = min([0.0, *values, *ends]), max([0.0, *values, *ends])
    size = (WIDTH - LEFT - RIGHT) / ((high - low) or 1.0)
    zero = LEFT - low * size
    y = top
    for place, words in enumerate(shown):
        height = len(series) * (BAR + GAP) - GAP
        parts.append(label(LEFT - 10, y + height / 2 + 4, words, "name", "end", LEFT - 12))
        for number, one in enumerate(series, start=1):
            parts += _bar(one, place, number, y, zero, size, figures, chart)
            y += BAR + GAP
        y += GROUP - GAP
    parts.append(el("line", x1=zero, x2=zero, y1=top - 4, y2=y - GROUP + 4, class_="axis"))
    if len(chart.labels) > MOST:
        parts.append(
            label(
                LEFT,
                y + 12,
                figures.voice.tell(Words("and {number:,} more in the table", number=len(chart.labels) - MOST)),
                "note",
            )
        )
        y += 22
    return picture(name, chart.title, of_series(chart, figures), WIDTH, max(y, 40.0), *parts)


def _bar(
    one: Series, place: int, number: int, y: float, zero: float, size: float, figures: Figures, chart: Chart
) -> list[Markup]:
    value = one.values[place] if place < len(one.values) else None
    if value is None:
        return [label(zero + 6, y + BAR - 4, figures.text(None, chart.unit), "value")]
    width = abs(value) * size
    x = zero if value >= 0 else zero - width
    found = [el("rect", x=x, y=y, width=max(width, 1.0), height=BAR, rx=2, class_=f"fill{number}")]
    end = zero + max(value, 0.0) * size
    if place < len(one.low) and place < len(one.high):
        low, high = one.low[place], one.high[place]
        if low is not None and high is not None:
            middle = y + BAR / 2
            found.append(
                el("line", x1=zero + low * size, x2=zero + high * size, y1=middle, y2=middle, class_="whisker")
            )
            end = max(end, zero + high * size)
    return [*found, label(end + 6, y + BAR - 4, figures.short(value, chart.unit), "value")]


def funnel(chart: Chart, figures: Figures, name: str) -> Markup:
    """One bar for each step, with the share of the first that is left."""
    series = chart.series[0] if chart.series else Series("", ())
    values = [each or 0.0 for each in series.values[:MOST]]
    first = values[0] if values else 0.0
    most = max([*values, 1.0])
    left, room = 160.0, WIDTH - 160.0 - 126
    parts: list[Markup] = []
    y = 6.0
    for place, (words, value) in enumerate(zip(chart.labels, values, strict=False)):
        width = room * value / most
        last = place == len(chart.labels) - 1
        parts.append(label(left - 10, y + 17, words, "name", "end", left - 12))
        parts.append(el("rect", x=left, y=y, width=room, height=24, rx=3, class_="track"))
        parts.append(
            el("rect", x=left, y=y, width=max(width, 1.0), height=24, rx=3, class_="fill2" if last else "fill1")
        )
        told = figures.short(value, chart.unit)
        if first:
            told += f"  ({figures.text(value / first, 'share')})"
        parts.append(label(left + room + 8, y + 17, told, "value"))
        y += 32
    if len(chart.labels) > MOST:
        parts.append(
            label(
                left,
                y + 10,
                figures.voice.tell(Words("and {number:,} more in the table", number=len(chart.labels) - MOST)),
                "note",
            )
        )
        y += 20
    return picture(name, chart.title, of_series(chart, figures), WIDTH, max(y, 40.0), *parts)
