"""The grocer's year: what the events say of the data, on a few households."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.model.errors import SetupError
from examples.grocer import events, source

FEW = ["1", "165", "900", "1238"]  # 1238 had coupons before its first basket; 900 buys twice a day
Line = dict[str, Any]


@pytest.fixture(scope="module")
def few() -> list[Line]:
    return list(events.events(FEW))


def of(lines: list[Line], household: str, event: str = "") -> list[Line]:
    return [x for x in lines if x["profile"]["household"] == household and event in ("", x["event"])]


def test_events_come_by_time_then_id_and_only_for_the_households_asked_for(few: list[Line]) -> None:
    assert few == sorted(few, key=lambda x: (x["at"], x["id"]))
    assert {x["profile"]["household"] for x in few} == set(FEW)


def test_no_id_and_no_instant_of_a_household_is_used_twice(few: list[Line]) -> None:
    assert len({x["id"] for x in few}) == len(few)
    assert len({(x["profile"]["household"], x["at"]) for x in few}) == len(few)


def test_a_basket_says_what_the_till_said(few: list[Line]) -> None:
    assert of(few, "900", "order_placed")[0] == {
        "id": "basket-31198570044",
        "event": "order_placed",
        "profile": {"household": "900"},
        "at": "2017-01-01T11:53:26Z",
        "channel": "store",
        "properties": {
            "basket_id": "31198570044",
            "store": "330",
            "total": 0.5,
            "items": 1,
            "categories": ["rolls"],
            "saved": 0.0,
        },
    }


def test_categories_are_distinct_sorted_and_lower_case(few: list[Line]) -> None:
    lists = [x["properties"]["categories"] for x in few if x["event"] == "order_placed"]
    assert max(map(len, lists)) > 20
    for categories in lists:
        assert categories == sorted({c.lower() for c in categories})


def test_fuel_counts_as_one_item_although_the_till_counts_thousandths_of_a_gallon() -> None:
    basket = next(x for x in events.events([909]) if x["id"] == "basket-31198770125")
    assert (basket["properties"]["items"], basket["properties"]["total"]) == (1, 20.06)


def test_the_card_is_issued_a_minute_before_the_first_basket_with_that_store_as_home(few: list[Line]) -> None:
    card, basket = of(few, "900")[:2]
    assert (card["event"], card["at"]) == ("card_issued", "2017-01-01T11:52:26Z")
    assert card["properties"]["home_store"] == basket["properties"]["store"]


def test_coupons_before_any_basket_still_find_a_card_and_its_consents(few: list[Line]) -> None:
    told = [(x["event"], x["at"]) for x in of(few, "1238")[:3]]
    assert told == [
        ("card_issued", "2016-11-14T14:59:00Z"),
        ("consent_changed", "2016-11-14T14:59:01Z"),
        ("coupon_received", "2016-11-14T15:00:00Z"),  # 10:00 in New York, in winter
    ]
    assert of(few, "1238", "coupon_received")[0]["properties"] == {
        "campaign": "24",
        "type": "Type C",
        "ends": "2017-01-16",
    }


def test_a_redemption_stands_behind_the_basket_of_its_day(few: list[Line]) -> None:
    redeemed = of(few, "165", "coupon_redeemed")[0]
    assert redeemed["at"] == "2017-01-03T17:03:20Z"
    assert redeemed["properties"] == {"campaign": "26", "coupon": "53377610033"}
    assert "2017-01-03T17:03:19Z" in [x["at"] for x in of(few, "165", "order_placed")]


def test_a_household_tells_the_same_alone_as_among_others(few: list[Line]) -> None:
    assert list(events.events([165])) == of(few, "165")


def test_the_same_bytes_every_time_and_nothing_unfinished_left_behind(few: list[Line], tmp_path: Path) -> None:
    count = events.write(tmp_path / "a.jsonl", FEW)
    events.write(tmp_path / "b.jsonl", reversed(FEW))
    written = (tmp_path / "a.jsonl").read_bytes()
    assert written == (tmp_path / "b.jsonl").read_bytes()
    assert [msgspec.json.decode(line) for line in written.splitlines()] == few
    assert count == len(few)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_a_household_that_is_not_in_the_data_is_named() -> None:
    with pytest.raises(ValueError, match="No household 0, 9999 in the data"):
        list(events.events([900, 9999, 0]))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PACKAGE", "completejourney_that_is_not_there")
    with pytest.raises(SetupError, match=r"pip install 'parcours\[examples\]'"):
        list(events.events(FEW))


def test_the_command_wants_to_know_where_to(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert events.main([]) == 2
    assert "Say where to" in capsys.readouterr().err
    assert events.main([str(tmp_path / "x.jsonl"), "1626"]) == 0
    assert "made up" in capsys.readouterr().out


@pytest.mark.slow
def test_the_whole_year_is_there(tmp_path: Path) -> None:
    assert events.write(tmp_path / "year.jsonl") == 170_736
    raw = (tmp_path / "year.jsonl").read_bytes()
    lines = [msgspec.json.decode(line) for line in raw.splitlines()]

    assert Counter(x["event"] for x in lines) == {
        "card_issued": 2_469,
        "consent_changed": 3_728,
        "coupon_received": 6_589,
        "order_placed": 155_848,
        "coupon_redeemed": 2_102,
    }
    cents = sum(round(x["properties"]["total"] * 100) for x in lines if x["event"] == "order_placed")
    assert cents == source.Table("transactions", ["sales_value"]).cents("sales_value").sum()
    assert len({x["id"] for x in lines}) == len(lines)
    assert lines == sorted(lines, key=lambda x: (x["at"], x["id"]))

    # Every redemption follows a basket of its household at once: the reading of the time stamps holds.
    own = sorted(lines, key=lambda x: int(x["profile"]["household"]))
    for _, group in groupby(own, key=lambda x: x["profile"]["household"]):
        told = list(group)
        assert len({x["at"] for x in told}) == len(told)
        assert told[0]["event"] == "card_issued"
        for before, event in pairwise(told):
            if event["event"] == "coupon_redeemed":
                assert before["event"] in ("order_placed", "coupon_redeemed")
    assert hashlib.sha256(raw).hexdigest() == YEAR


YEAR = "f706630d250d990b713d995b5b1e24e9b7c3105d3a77330bfb82984e60b33b32"
