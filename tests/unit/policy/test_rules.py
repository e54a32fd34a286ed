"""Consent, addresses, zones, quiet days and moments, each rule on its own."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model.condition import Path
from engine.model.moment import Moment
from engine.model.plan import ChannelFacts
from engine.model.policy import Policies, Purpose, QuietHours
from engine.model.profile import Consent, Profile
from engine.model.span import DAY, HOUR, Span
from engine.policy.bucket import share
from engine.policy.consent import refused_by_consent, unreachable
from engine.policy.moments import next_time, this_time
from engine.policy.quiet import LONGEST_DAYS, quiet_days_between, quiet_until
from engine.policy.wallclock import customer_zone, iso, zone
from tests.story import ms

PARIS = "Europe/Paris"
EMAIL = ChannelFacts("email", "email")
STORE = ChannelFacts("store", "home_store", needs_consent=False)
MARKETING = Purpose("marketing")


def customer(consent: str = "", channel: str = "email", **attributes: Any) -> Profile:
    profile = Profile(id="c", label="c", attributes=attributes)
    if consent:
        profile.consent[f"{channel}/marketing"] = Consent(consent, 0)
    return profile


@pytest.mark.parametrize(
    ("profile", "channel", "purpose", "observed"),
    [
        (customer("granted"), EMAIL, MARKETING, ""),
        (customer("denied"), EMAIL, MARKETING, "email for marketing was denied 1970-01-01T00:00:00Z"),
        (customer(), EMAIL, MARKETING, "email for marketing is unknown"),
        (customer("granted"), EMAIL, Purpose("news"), "email for news is unknown"),
        (customer("denied"), EMAIL, Purpose("service", transactional=True), ""),
        # a person speaks: silence is enough, a denial is kept
        (customer(), STORE, MARKETING, ""),
        (customer("denied", "store"), STORE, MARKETING, "store for marketing was denied 1970-01-01T00:00:00Z"),
    ],
)
def test_consent(profile: Profile, channel: ChannelFacts, purpose: Purpose, observed: str) -> None:
    refusal = refused_by_consent(profile, channel, purpose)
    assert (refusal.observed if refusal is not None else "") == observed


def test_reachable_is_who_has_an_address_that_is_not_dead() -> None:
    for nobody in (customer(), customer(email=""), customer(email=7)):
        refusal = unreachable(nobody, EMAIL)
        assert refusal is not None
        assert refusal.observed == "customer.email is not known"
    someone = customer(email="a@x.example")
    assert unreachable(someone, EMAIL) is None
    someone.dead["email"] = "a@x.example"
    refusal = unreachable(someone, EMAIL)
    assert refusal is not None
    assert refusal.observed == "customer.email was declared dead by a provider"
    someone.attributes["email"] = "b@x.example"
    assert unreachable(someone, EMAIL) is None


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"timezone": "Asia/Tokyo", "last_timezone": "Europe/Rome", "country": "US"}, "Asia/Tokyo"),
        ({"timezone": "Nowhere/Land", "last_timezone": "Europe/Rome"}, "Europe/Rome"),
        ({"timezone": "../etc", "country": "us"}, "America/New_York"),
        ({"timezone": 7, "country": "ZZ"}, PARIS),
        ({}, PARIS),
    ],
)
def test_there_is_always_a_zone(attributes: dict[str, Any], expected: str) -> None:
    policies = Policies(timezone=PARIS, zones={"US": "America/New_York"})
    assert customer_zone(customer(**attributes), policies) == expected


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc", "/etc/passwd", "Europe"])
def test_a_name_that_is_no_zone_is_none(name: str) -> None:
    assert zone(name) is None


NIGHT = QuietHours(21 * 60, 8 * 60, frozenset({"email"}))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        # half open: [21:00, 08:00) local
        ("2026-06-01T18:59:59.999Z", None),
        ("2026-06-01T19:00:00Z", "2026-06-02T06:00:00Z"),
        ("2026-06-02T05:59:59.999Z", "2026-06-02T06:00:00Z"),
        ("2026-06-02T06:00:00Z", None),
    ],
)
def test_quiet_hours_are_half_open(at: str, until: str | None) -> None:
    found = quiet_until(NIGHT, PARIS, ms(at))
    assert (iso(found) if found is not None else None) == until


def test_a_window_that_ends_in_the_repeated_hour_ends_with_the_second() -> None:
    # case 3
    early = QuietHours(1 * 60, 2 * 60 + 30, frozenset({"email"}))
    assert quiet_until(early, PARIS, ms("2026-10-25T00:45:00Z")) == ms("2026-10-25T01:30:00Z")
    assert quiet_until(early, PARIS, ms("2026-10-25T01:29:59Z")) == ms("2026-10-25T01:30:00Z")


def test_quiet_days_without_quiet_hours() -> None:
    sundays = QuietHours(0, 0, frozenset({"email"}), weekdays=frozenset({6}), dates=frozenset({"2026-06-08"}))
    assert quiet_until(sundays, PARIS, ms("2026-06-06T12:00:00Z")) is None
    assert quiet_until(sundays, PARIS, ms("2026-06-07T12:00:00Z")) == ms("2026-06-08T22:00:00Z")  # a Monday too


def test_a_policy_that_is_always_quiet_is_quiet_for_longer_than_anything_lives() -> None:
    always = QuietHours(0, 0, frozenset({"email"}), weekdays=frozenset(range(7)))
    found = quiet_until(always, PARIS, ms("2026-06-06T12:00:00Z"))
    assert found is not None
    assert found > ms("2026-06-06T12:00:00Z") + LONGEST_DAYS * DAY


def test_quiet_days_are_counted_as_far_as_they_lie_within() -> None:
    sundays = QuietHours(21 * 60, 8 * 60, frozenset({"email"}), weekdays=frozenset({6}))
    noon = ms("2026-06-07T10:00:00Z")  # a Sunday, 12:00 local
    assert quiet_days_between([sundays], PARIS, noon - 2 * DAY, noon) == 12 * HOUR
    assert quiet_days_between([sundays], PARIS, noon, noon + 7 * DAY) == 24 * HOUR
    assert quiet_days_between([NIGHT], PARIS, noon, noon + 7 * DAY) == 0
    # a Sunday of 23 hours
    assert quiet_days_between([sundays], PARIS, ms("2026-03-28T12:00:00Z"), ms("2026-03-30T12:00:00Z")) == 23 * HOUR


def test_shares_are_even_and_belong_to_their_salt() -> None:
    found = [share("s", str(number)) for number in range(4_000)]
    assert all(0 <= each < 1 for each in found)
    assert all(350 < sum(low <= each * 10 < low + 1 for each in found) < 450 for low in range(10))
    assert share("s", "x") != share("t", "x")
    assert share("s", "x") == 0.9106120896730442


TEN = 10 * 60
NOON = ms("2026-06-03T10:00:00Z")  # a Wednesday, 12:00 local


@pytest.mark.parametrize(
    ("moment", "this", "following"),
    [
        (Moment("Saturday 10:00", weekday=5, minute=TEN), "2026-06-06T08:00:00Z", "2026-06-06T08:00:00Z"),
        (Moment("Monday 10:00", weekday=0, minute=TEN), "2026-06-01T08:00:00Z", "2026-06-08T08:00:00Z"),
        (Moment("Wednesday", weekday=2), "2026-06-02T22:00:00Z", "2026-06-09T22:00:00Z"),
        (Moment("10:00", minute=TEN), "2026-06-03T08:00:00Z", "2026-06-04T08:00:00Z"),
        (Moment("12:00", minute=2 * 360), "2026-06-03T10:00:00Z", "2026-06-03T10:00:00Z"),
    ],
)
def test_moments_that_come_again(moment: Moment, this: str, following: str) -> None:
    found = this_time(moment, NOON, PARIS)
    assert found is not None
    assert (iso(found), iso(next_time(moment, NOON, PARIS))) == (this, following)


DEPARTURE = Path("start", ("departure",))


@pytest.mark.parametrize(
    ("moment", "value", "instant"),
    [
        (Moment("date", date="2026-06-01"), None, "2026-05-31T22:00:00Z"),
        (Moment("path", path=DEPARTURE), NOON, "2026-06-03T10:00:00Z"),
        (Moment("path", path=DEPARTURE, offset=Span(days=1), minus=True), NOON, "2026-06-02T10:00:00Z"),
        (Moment("path", path=DEPARTURE, offset=Span(months=1)), NOON, "2026-07-03T10:00:00Z"),
        (Moment("path", path=DEPARTURE, minute=18 * 60), NOON, "2026-06-03T16:00:00Z"),
        # a date is the beginning of that day
        (Moment("path", path=DEPARTURE), "2026-06-10", "2026-06-09T22:00:00Z"),
        # what is no moment
        (Moment("path", path=DEPARTURE), None, None),
        (Moment("path", path=DEPARTURE), "soon", None),
        (Moment("path", path=DEPARTURE), True, None),
        (Moment("path", path=DEPARTURE), 2.5, None),
    ],
)
def test_moments_that_come_once(moment: Moment, value: Any, instant: str | None) -> None:
    found = this_time(moment, NOON, PARIS, value)
    assert (iso(found) if found is not None else None) == instant
