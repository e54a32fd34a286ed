"""Several quiet rules: their stretches and their quiet days unite."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.policy import QuietHours
from engine.model.span import DAY, HOUR, MINUTE
from engine.policy.quiet import all_quiet_until, quiet_days_between, quiet_until
from tests.story import Story, ms
from tests.unit.journey.hand import NOTE

EMAIL = frozenset({"email"})
NIGHT = QuietHours(21 * 60, 8 * 60, EMAIL, weekdays=frozenset({6}))
MORNING = QuietHours(8 * 60, 10 * 60, EMAIL, weekdays=frozenset({0}))
PARIS = "Europe/Paris"
RULES = st.builds(
    QuietHours,
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.just(EMAIL),
    weekdays=st.frozensets(st.integers(0, 6), max_size=2),
)


@settings(max_examples=40)
@given(
    st.lists(RULES, min_size=1, max_size=3),
    st.integers(ms("2026-03-01T00:00:00Z"), ms("2026-11-30T00:00:00Z")),
    st.sampled_from([PARIS, "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_what_is_released_is_in_no_quiet_stretch_of_any_rule(rules: list[QuietHours], now: int, zone: str) -> None:
    until = all_quiet_until(rules, zone, now)
    if until is None:
        assert all(quiet_until(rule, zone, now) is None for rule in rules)
        return
    if until < now + 30 * DAY:  # else they are always quiet, together
        assert all(quiet_until(rule, zone, until) is None for rule in rules)
    for step in range(now, min(until, now + 2 * DAY), 100 * MINUTE):
        assert any(quiet_until(rule, zone, step) is not None for rule in rules), "held although nobody wants quiet"


def test_adjoining_stretches_and_different_quiet_days_are_one() -> None:
    # Saturday night, Sunday, Sunday night by the one, Monday by the other, then the night again and the morning
    assert all_quiet_until([NIGHT, MORNING], PARIS, ms("2026-06-06T20:00:00Z")) == ms("2026-06-09T08:00:00Z")


def test_a_day_that_is_quiet_by_two_rules_counts_once() -> None:
    start, end = ms("2026-06-06T10:00:00Z"), ms("2026-06-10T10:00:00Z")
    assert quiet_days_between([NIGHT, MORNING], PARIS, start, end) == 48 * HOUR
    assert quiet_days_between([NIGHT, NIGHT], PARIS, start, end) == 24 * HOUR
    assert quiet_days_between([], PARIS, start, end) == 0


TWO = """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  quiet_hours:
    - {window: "21:00-08:00", channels: [email], also: [sundays]}
    - {window: "08:00-10:00", channels: [email], also: [mondays]%s}
"""


def test_a_message_is_held_once_over_all_of_them_and_not_expired() -> None:
    story = Story(NOTE, policies=TWO % "")
    story.join("2026-06-06T08:00:00Z")
    story.event("2026-06-06T19:30:00Z", "booked", booking_id="k1")
    story.end()
    assert story.kinds("held") == ["m1 by email 2026-06-06T19:30:00Z"]
    assert story.sent == ["m1 by email 2026-06-09T08:00:00Z"]


def test_a_rule_that_skips_is_asked_when_the_one_that_holds_is_over() -> None:
    story = Story(NOTE, policies=TWO % ", on_quiet: skip")
    story.join("2026-06-02T08:00:00Z")
    story.event("2026-06-02T19:30:00Z", "booked", booking_id="k1")
    story.end()
    assert (story.sent, story.kinds("refused")) == ([], ["m1 by email 2026-06-03T06:00:00Z"])
