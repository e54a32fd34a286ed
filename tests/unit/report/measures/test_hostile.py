"""Whatever lies in an archive, a measure gives figures that can be true, or says why it gives none."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import pytest

from engine.report.measures.every import MEASURES
from tests.unit.report.measures.small import END, START, VOCABULARY, Small

DAY = 86_400_000


def empty() -> Small:
    return Small()


def one_event() -> Small:
    return Small().did("a", "1d", "seen", "web")


def one_purchase() -> Small:
    return Small().did("a", "1d", "order_placed", "web", total=5)


def nobody() -> Small:
    return Small().did("", "1d", "seen", "web").did("", "1d", "order_placed", "web", total=5).came("", "1d", "sent")


def nothing_but_returns() -> Small:
    made = Small().did("a", "1d", "refund_paid", "store", amount=50).did("b", "1d", "order_placed", "store", total=-20)
    return made.did("c", "1d", "order_placed", "store", total=20).did("c", END + DAY, "refund_paid", amount=20)


def nothing_fits() -> Small:
    made = Small()
    for number, value in enumerate(
        (None, "", "12", "NaN", True, [1], {"a": 1}, 1e300, -1e300, 1e-300, 0, -0.0, 10**30)
    ):
        who = f"c{number}"
        made.did(who, "1d", "order_placed", "web", total=value, margin=value, order_id=value, basket_id=value)
        made.did(who, "2d", "basket_updated", "web", basket_id=value).did(who, "3d", "refund_paid", amount=value)
        made.did(who, "4d", "survey_answered", "web", survey="nps", score=value).did(
            who, "4d", "case_opened", case_id=value
        )
        made.did(who, "5d", "case_answered", case_id=value).did(who, "5d", "sale_assisted", order_id=value)
        made.did(who, "6d", "order_collected", "store", order_id=value).did(who, "6d", "seen", "web", _properties=None)
    return made


def a_storm() -> Small:
    made = Small()
    for number in range(150):
        made.did(
            "a",
            "1d",
            ("seen", "order_placed", "basket_updated")[number % 3],
            ("web", "store", "app")[number % 2],
            total=1,
        )
    return made


def strange_letters() -> Small:
    made = (
        Small()
        .did("名前", "1d", "seen", "boutique d'été")
        .did("名前", "2d", "order_placed", "🛒", total=3, order_id="'\"\\;--")
    )
    made.did("名前", "2d", "sale_assisted", "🛒", order_id="'\"\\;--").did(
        "名前", "3d", "case_opened", "a%_", case_id="\u0000x"
    )
    return made.came("名前", "1d", "started", {"arm": "holdout"}, journey="a'b").came(
        "x", "1d", "started", journey="a'b"
    )


def far_away() -> Small:
    made = Small().did("a", -(2**50), "order_placed", total=1).did("a", 2**50, "order_placed", total=1)
    return (
        made.did("a", START, "order_placed", total=1).did("a", END - 1, "order_placed", total=1).did("a", END, "seen")
    )


def held_out_everywhere() -> Small:
    made = Small()
    for who in "ab":
        made.came(who, "1d", "started", {"arm": "global_holdout"}, journey="j")
    return made.did("a", "2d", "order_placed", total=1)


WORLDS: tuple[Callable[[], Small], ...] = (
    *(empty, one_event, one_purchase, nobody, nothing_but_returns, nothing_fits, a_storm, strange_letters, far_away),
    held_out_everywhere,
)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_no_archive_makes_a_measure_fail_or_say_nonsense(world: Callable[[], Small]) -> None:
    basis = world().basis()

    for each in MEASURES:
        found = each.run(basis)
        assert found.tables or found.lacks, each.name
        for one in found.tables:
            for row in one.rows:
                assert len(row) == len(one.columns), one.title
                for column, cell in zip(one.columns, row, strict=True):
                    where = f"{each.name}: {one.title}: {column.title}: {cell!r}"
                    assert not isinstance(cell, float) or isfinite(cell), where
                    assert column.unit != "count" or cell is None or (isinstance(cell, int) and cell >= 0), where
                    assert column.unit != "ms" or cell is None or float(cell) >= 0, where


def test_properties_of_any_name_are_read() -> None:
    vocabulary = VOCABULARY.replace(
        "    seen:", """    sold: {properties: {"der 'Preis' in \\"€\\"": number, "a.b[0]": text}}\n    seen:"""
    )
    report = """report: {purchases: {sold: {revenue: "der 'Preis' in \\"€\\"", id: "a.b[0]"}}}\n"""
    made = Small()
    for _ in range(2):
        made.did("a", "1d", "sold", "web", **{"der 'Preis' in \"€\"": 4.5, "a.b[0]": "x", "a": {"b": ["y"]}})
    basis = made.basis(vocabulary=vocabulary, report=report)
    basis.need("spent")

    assert basis.rows("SELECT purchases, revenue FROM spent") == ((1, 4.5),)
