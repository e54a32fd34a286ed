"""From the data of a chart to its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from markupsafe import Markup

from engine.report.measures.measure import Chart
from engine.report.showing.bars import bars, funnel
from engine.report.showing.figures import Figures
from engine.report.showing.lines import lines
from engine.report.showing.sankey import sankey

MOST = 1e200
_KINDS: Mapping[str, Callable[[Chart, Figures, str], Markup]] = {
    "bars": bars,
    "lines": lines,
    "funnel": funnel,
    "sankey": sankey,
}


def drawn(chart: Chart, figures: Figures, name: str) -> Markup:
    """The picture of a chart, as an SVG that stands in a page. `name` is unique there."""
    return _KINDS[chart.kind](_known(chart), figures, name)


def _known(chart: Chart) -> Chart:
    """The chart without what is no number, or too large for a place on a page."""
    series = tuple(
        replace(each, values=_all(each.values), low=_all(each.low), high=_all(each.high))
        for each in chart.series
        if all(abs(at) < MOST for at in each.at)
    )
    return replace(chart, series=series, flows=tuple(each for each in chart.flows if 0 < each.value < MOST))


def _all(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    return tuple(each if each is not None and abs(each) < MOST else None for each in values)


def is_wide(chart: Chart) -> bool:
    """Whether a picture needs the whole width of a page."""
    return chart.kind == "sankey"
