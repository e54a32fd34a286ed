"""From the data of a chart to its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from engine.report.measures.measure import Chart
from engine.report.showing.bars import bars, funnel
from engine.report.showing.figures import Figures
from engine.report.showing.lines import lines
from engine.report.showing.sankey import sankey

_KINDS: Mapping[str, Callable[[Chart, Figures, str], Markup]] = {
    "bars": bars,
    "lines": lines,
    "funnel": funnel,
    "sankey": sankey,
}


def drawn(chart: Chart, figures: Figures, name: str) -> Markup:
    """The picture of a chart, as an SVG that stands in a page. `name` is unique there."""
    return _KINDS[chart.kind](chart, figures, name)


def is_wide(chart: Chart) -> bool:
    """Whether a picture needs the whole width of a page."""
    return chart.kind == "sankey"
