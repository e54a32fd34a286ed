"""The page of a report: it loads nothing, believes nobody, and stands whatever is drawn in it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from engine.report.measures.measure import Chart, Flow, Found, Series
from engine.report.showing.drawing import drawn
from engine.report.showing.figures import NOT_KNOWN, Figures
from engine.report.showing.fragment import fragment
from engine.report.showing.page import page
from engine.report.showing.sankey import gathered, layout
from tests.unit.report.showing.drawings import HOSTILE, measure, pictures, report, table

KINDS = ["bars", "lines", "funnel", "sankey"]


class Tags(HTMLParser):
    """The tags of a page and their attributes, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_a_page_asks_nobody_for_anything_and_its_style_is_the_one_it_allows() -> None:
    text = page(report(Found((table("a"),), pictures("a"), ("It `lacks` something.",))))

    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|https?:|src=|<link|<script|<iframe", text)
    assert not [(tag, name) for tag, given in Tags(text).tags for name in given if name == "style" or name[:2] == "on"]


def test_names_from_anywhere_are_words_and_nothing_else() -> None:
    found = Found((table(HOSTILE),), pictures(HOSTILE), (HOSTILE,))
    text = page(report(found, shop=HOSTILE))

    harmless = page(report(Found((table("x"),), pictures("x"), ("x",)), shop="x"))
    kinds = {tag for tag, _ in Tags(text).tags}
    assert kinds - {"code"} == {tag for tag, _ in Tags(harmless).tags} - {"code"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", text)


@pytest.mark.parametrize("number", range(4), ids=KINDS)
@pytest.mark.parametrize("many", [1, 2, pytest.param(300, marks=pytest.mark.slow)])
def test_a_picture_is_sound_named_and_bounded_however_much_there_is(number: int, many: int) -> None:
    chart = pictures(HOSTILE, many)[number]

    root = ElementTree.fromstring(drawn(chart, Figures(), "p"))

    told = {each.get("id"): each.text or "" for each in root[:2]}
    assert list(told) == ["p-t", "p-d"] == [root.get("aria-labelledby"), root.get("aria-describedby")]
    assert "table has all values" in told["p-d"]
    width, height = (float(root.get(name, "0")) for name in ("width", "height"))
    assert 0 < width <= 1080
    assert 0 < height < 6_000
    for each in root.iter():
        for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"):
            assert -2 <= float(each.get(name, "0")) <= max(width, height) + 2


def test_a_picture_of_nothing_is_none_and_unknown_values_are_dashes() -> None:
    empty = Found((), (Chart("bars", "nothing", "count"), Chart("sankey", "no flows", "count")))
    assert "<svg" not in fragment(measure("m", "M"), "", empty, Figures())
    for kind in KINDS:
        ElementTree.fromstring(drawn(Chart(kind, "nothing", "count"), Figures(), "p"))  # type: ignore[arg-type]
    assert f">{NOT_KNOWN}<" in fragment(measure("m", "M"), "", Found((table("a"),)), Figures())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1e300, 1e-300, -0.0])
def test_a_number_that_is_none_or_beyond_all_measure_breaks_no_picture(value: float) -> None:
    one = Series("s", (value, 1.0), (0.0, value), (value, 1.0), (value, 1.0))
    for kind in KINDS:
        chart = Chart(kind, "t", "money", ("a", "b"), (one,), (Flow(0, "a", "b", value), Flow(0, "a", "c", 2.0)))  # type: ignore[arg-type]
        assert not re.search(r'="[^"]*(nan|inf|e\+)', drawn(chart, Figures(), "p"))


def test_what_goes_into_a_node_comes_out_and_no_two_nodes_lie_on_each_other() -> None:
    flows = [Flow(s, f"n{a}", f"n{b}", float(a * b + 1)) for s in range(3) for a in range(20) for b in range(20)]

    links = gathered(flows)
    nodes = layout(links)

    assert sum(links.values()) == sum(each.value for each in flows)
    for stage in range(4):
        here = sorted((node for node in nodes.values() if node.key[0] == stage), key=lambda node: node.y)
        assert 0 < len(here) <= 9
        assert all(upper.y + upper.height <= lower.y for upper, lower in pairwise(here))


@pytest.mark.parametrize(
    ("cell", "unit", "words"),
    [
        (1234567, "count", "1,234,567"),
        (0.1234, "share", "12.3%"),
        (0.000123, "share", "0.0123%"),
        (1, "share", "100%"),
        (1234.5, "money", "€1,234.50"),
        (850, "ms", "850 ms"),
        (34_080_000, "ms", "9 h 28 min"),
        (3_600_000, "ms", "1 h"),
        (90_000_000, "ms", "1 d 1 h"),
        (1.5, "days", "1.5 d"),
        (1.5, "index", "1.50 ×"),  # noqa: RUF001
        (0.238, "number", "0.238"),
        (3, "text", "3"),
        (None, "share", NOT_KNOWN),
        (float("nan"), "money", NOT_KNOWN),
        (float("inf"), "ms", NOT_KNOWN),
        (1e300, "money", "1e+300"),
        (10**400, "count", NOT_KNOWN),
        (-0.0, "money", "€0.00"),
    ],
)
def test_figures_are_written_by_their_unit(cell: float | None, unit: str, words: str) -> None:
    assert Figures("EUR").text(cell, unit) == words  # type: ignore[arg-type]
