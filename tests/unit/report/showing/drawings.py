"""Made-up measures, to be shown."""

from __future__ import annotations

from engine.report.measures.measure import Chart, Column, Flow, Found, Measure, Series, Table, Window
from engine.report.showing.making import Report, Shown

HOSTILE = "</text></svg><script>alert(1)</script>\x00\x1b[31m‮\"'&<!--"


def report(*found: Found, shop: str = "Fernhill") -> Report:
    """A report of measures that have found this."""
    window = Window(1_772_323_200_000, 1_780_272_000_000, "Europe/Paris")
    shown = tuple(
        Shown(measure(f"m{number}", shop), f"What `{shop}` counts.", each) for number, each in enumerate(found)
    )
    return Report(shop, "EUR", window, (), shown)


def measure(name: str, title: str) -> Measure:
    return Measure(name, title, "nothing", lambda plan: "", lambda basis: Found())


def pictures(word: str, many: int = 3) -> tuple[Chart, ...]:
    """A chart of each kind, with this word wherever there is one, and so many of everything."""
    names = tuple(f"{word}{number}" for number in range(many))
    values = tuple(float(number) for number in range(many))
    flows = tuple(
        Flow(stage, f"{word}{one}", f"{word}{(one * 7 + stage) % many}", 1.0 + one)
        for stage in range(many)
        for one in range(min(many, 60))
    )
    line = Series(word, values, values, tuple(each - 1 for each in values), tuple(each + 1 for each in values))
    return (
        Chart("bars", word, "count", names, tuple(Series(name, values) for name in names[:8])),
        Chart("lines", word, "number", (), (line,) * min(many, 9), x_title=word, steps=True),
        Chart("funnel", word, "count", names, (Series(word, values[::-1]),)),
        Chart("sankey", word, "count", flows=flows),
    )


def table(word: str) -> Table:
    return Table(
        word,
        (Column(word), Column("n", "share", "low", "high"), Column("low", "share"), Column("high", "share")),
        ((word, 0.25, 0.2, 0.3), (None, None, None, None)),
        word,
    )
