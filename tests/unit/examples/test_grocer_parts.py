"""The grocer's parts: made-up people, the shop's clock, instants kept apart."""

from __future__ import annotations

import numpy as np
import phonenumbers
import pytest

from examples.grocer import people
from examples.grocer.events import apart
from examples.grocer.feeds import Feed, tills
from examples.grocer.shop_time import at_hour, day_of, day_text
from examples.grocer.source import Ints

EVERYONE = range(1, 2501)


def seconds(*instants: str) -> Ints:
    return np.array(instants, dtype="datetime64[s]").astype(np.int64)


def test_every_phone_is_fictional_valid_and_its_household_s_own() -> None:
    phones = [people.phone(h) for h in EVERYONE]
    assert len(set(phones)) == 2500
    assert all(p[5:10] == "55501" for p in phones)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(p)) for p in phones)


def test_when_the_fictional_numbers_are_used_up_it_says_so() -> None:
    with pytest.raises(ValueError, match="from 0 to 2599"):
        people.phone(2600)


def test_mail_goes_nowhere_and_some_have_no_app_or_read_french() -> None:
    cards = [people.card(h, "330") for h in EVERYONE]
    assert len({c["email"] for c in cards}) == 2500
    assert all(c["email"].endswith("@example.com") for c in cards)
    assert 0.57 < sum("push_token" in c for c in cards) / 2500 < 0.63
    assert 0.17 < sum(c["locale"] == "fr" for c in cards) / 2500 < 0.23


def test_consents_come_in_the_intended_shares_and_some_agree_to_nothing() -> None:
    given = [[c["channel"] for c in people.consents(h)] for h in EVERYONE]
    for channel, share in people.AGREE.items():
        assert abs(sum(channel in g for g in given) / 2500 - share) < 0.03
    assert 0.08 < sum(not g for g in given) / 2500 < 0.14  # 0.3 x 0.55 x 0.65 = 0.107


def test_a_person_is_the_same_on_every_machine() -> None:
    assert people.card(900, "330") == {
        "first_name": "Laura",
        "email": "laura.900@example.com",
        "phone": "+12125550100",
        "locale": "en",
        "home_store": "330",
    }


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        ("2017-03-11", "2017-03-11T15:00:00"),  # winter: five hours behind UTC
        ("2017-03-12", "2017-03-12T14:00:00"),  # the clocks went forward that night
        ("2017-11-04", "2017-11-04T14:00:00"),
        ("2017-11-05", "2017-11-05T15:00:00"),  # and back
    ],
)
def test_ten_o_clock_is_the_shop_s(day: str, instant: str) -> None:
    assert at_hour(seconds(day), 10).tolist() == seconds(instant).tolist()


def test_an_evening_in_the_shop_is_the_next_day_in_utc_but_not_there() -> None:
    evening = seconds("2017-07-04T03:59:59", "2017-07-04T04:00:00", "2018-01-01T04:01:20")
    assert [day_text(d) for d in day_of(evening).tolist()] == ["2017-07-03", "2017-07-04", "2017-12-31"]


def test_a_redemption_prefers_the_basket_with_a_coupon_then_the_first_then_noon() -> None:
    # given two baskets on the 4th (the second with a coupon), two on the 5th (none with), none on the 6th
    times = seconds("2017-07-04T14:00:00", "2017-07-04T18:00:00", "2017-07-05T20:00:00", "2017-07-05T14:00:00")
    baskets = Feed("order_placed", "store", np.array([7, 7, 7, 7]), times, ["a", "b", "c", "d"], lambda i: {})
    # when
    days = seconds("2017-07-04", "2017-07-05", "2017-07-06")
    at = tills(np.array([7, 7, 7]), days, baskets, np.array([0, 1, 0, 0]))
    # then
    assert at.tolist() == seconds("2017-07-04T18:00:01", "2017-07-05T14:00:01", "2017-07-06T16:00:00").tolist()


@pytest.mark.parametrize(
    ("household", "at", "expected"),
    [
        ([1, 1, 1], [5, 5, 5], [5, 6, 7]),
        ([1, 1, 1], [5, 6, 5], [5, 7, 6]),  # the one pushed on pushes the next
        ([1, 2, 1], [5, 5, 9], [5, 5, 9]),  # others may share an instant
        ([2, 1, 2, 1], [8, 3, 8, 3], [8, 3, 9, 4]),
        ([], [], []),
    ],
)
def test_instants_of_one_household_are_kept_apart(household: list[int], at: list[int], expected: list[int]) -> None:
    rows = np.arange(len(at))
    assert apart(np.array(household, np.int64), np.array(at, np.int64), rows).tolist() == expected
