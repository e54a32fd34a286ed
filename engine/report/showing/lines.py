"""Lines over an axis: straight from point to point, or in steps, with the interval as a band behind them."""

from __future__ import annotations

from itertools import groupby
from typing import TypeVar

from markupsafe import Markup

from engine.report.measures.measure import Chart, Series
from engine.report.showing.figures import Figures
from engine.report.showing.scale import Scale, scale
from engine.report.showing.svg import el, label, picture
from engine.report.showing.words import legend, of_series

WIDTH, HEIGHT = 480.0, 250.0
LEFT, RIGHT, BOTTOM = 56.0, 28.0, 46.0
MOST_SERIES = 12
MOST_POINTS = 600
T = TypeVar("T")


def lines(chart: Chart, figures: Figures, name: str) -> Markup:
    """All series of a chart over one pair of axes."""
    series = chart.series[:MOST_SERIES]
    parts, top = legend(series, len(series) > 1)
    height = top + HEIGHT
    x = scale([at for each in series for at in each.at], LEFT, WIDTH - RIGHT)
    ends = [each for one in series for each in (*one.values, *one.low, *one.high)]
    if chart.unit == "share" and all(value is None or value <= 1 for one in series for value in one.values):
        ends = [*(min(each, 1.0) for each in ends if each is not None), *([1.0] * chart.steps)]  # the whole is the most
    y = scale(ends, height - BOTTOM, top + 4)
    for tick in y.ticks:
        parts.append(el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(tick), y2=y(tick), class_="grid"))
        parts.append(label(LEFT - 8, y(tick) + 4, figures.short(tick, chart.unit), "tick", "end"))
    for tick in x.ticks:
        parts.append(label(x(tick), height - BOTTOM + 18, figures.short(tick, chart.x_unit), "tick", "middle"))
    parts.append(el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(y.low), y2=y(y.low), class_="axis"))
    if chart.x_title:
        parts.append(label((LEFT + WIDTH - RIGHT) / 2, height - 8, chart.x_title, "note", "middle", WIDTH - 80))
    for number, each in enumerate(series):
        parts += _drawn(each, number, x, y, chart.steps)
    return picture(name, chart.title, of_series(chart, figures), WIDTH, height, *parts)


def _drawn(each: Series, number: int, x: Scale, y: Scale, steps: bool) -> list[Markup]:
    colour, dashed = number % 6 + 1, " dashed" * (number >= 6)
    parts = []
    if each.low and each.high:
        pairs = list(zip(each.at, each.low, each.high, strict=False))
        band = [(at, low, high) for at, low, high in _thinned(pairs) if low is not None and high is not None]
        if len(band) > 1:
            upper = _path([(at, high) for at, _, high in band], x, y, steps)
            lower = _path([(at, low) for at, low, _ in band], x, y, steps)
            around = [*upper, *reversed(lower)]
            parts.append(el("path", d="M" + "L".join(around) + "Z", class_=f"band{colour}"))
    points = _thinned(list(zip(each.at, each.values, strict=False)))
    for known, run in groupby(points, key=lambda point: point[1] is not None):
        if known:
            path = _path([(at, value) for at, value in run if value is not None], x, y, steps)
            parts.append(el("path", d="M" + "L".join(path), class_=f"line{colour}{dashed}"))
    if len(points) <= 24 and not steps:
        parts += [
            el("circle", cx=x(at), cy=y(value), r=3, class_=f"fill{colour}")
            for at, value in points
            if value is not None
        ]
    return parts


def _path(points: list[tuple[float, float]], x: Scale, y: Scale, steps: bool) -> list[str]:
    found: list[str] = []
    before = 0.0
    for place, (at, value) in enumerate(points):
        if steps and place:
            found.append(f"{x(at):.1f} {before:.1f}")
        before = y(value)
        found.append(f"{x(at):.1f} {before:.1f}")
    return found


def _thinned(points: list[T]) -> list[T]:
    """Not more points than there are pixels to tell them apart; the last one stays."""
    step = -(-len(points) // MOST_POINTS)
    return points if step <= 1 else [*points[:-1:step], points[-1]]
