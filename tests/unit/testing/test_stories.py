"""Stories: what holds, what does not, and how it is said."""

from __future__ import annotations

import pytest

from tests.unit.testing.stories import BASKET, HEAD, played, told


def test_a_story_that_holds_says_nothing() -> None:
    assert told(BASKET + "    - {at: 2h, expect: {sent: [basket_reminder by push at 16:00]}}\n") == ""


def test_a_failure_shows_the_line_what_came_and_what_happened_instead() -> None:
    said = told(BASKET + "    - {at: 2h, expect: {sent: [basket_reminder by email]}}\n")

    assert said.splitlines() == [
        "tests/story.yaml:7:25: one: sent is not as expected.",
        "  7 |     - {at: 2h, expect: {sent: [basket_reminder by email]}}",
        "    |                         ^^^^",
        "  expected  basket_reminder by email",
        "  got       basket_reminder by push at 16:00",
        "  happened  16:00 started abandoned_basket (journeys/abandoned_basket.yaml:4)",
    ]


def test_all_failures_of_a_case_are_shown() -> None:
    said = told(
        BASKET
        + "    - {at: 2h, expect: {sent: [], customer: {tier: gold}}}\n"
        + "    - {at: 3h, ask: store.till, expect: {actions: [basket_help]}}\n"
    )

    assert said.count("is not as expected") == 3
    assert "expected  tier: gold\n  got       tier: not known" in said
    assert "expected  basket_help\n  got       nothing" in said


@pytest.mark.parametrize(
    ("phrase", "holds"),
    [
        ("basket_reminder", True),
        ("basket_reminder by push", True),
        ("basket_reminder by email", False),
        ("basket_reminder at 16:00", True),
        ("basket_reminder at 16:00:00", True),
        ("basket_reminder at 2026-03-02 16:00", True),
        ("basket_reminder at 2026-03-03 16:00", False),
        ("basket_reminder at 15:00 UTC", True),
        ("basket_reminder at 2026-03-02T15:00:00Z", True),
        ("basket_reminder at 15:00", False),
        ("basket_reminder at 10:00 America/New_York by push", True),
        ("basket_last_call by push", False),
    ],
)
def test_a_phrase_fits_when_every_word_agrees(phrase: str, holds: bool) -> None:
    assert (told(BASKET + f"    - {{at: 2h, expect: {{sent: ['{phrase}']}}}}\n") == "") is holds


def test_an_expectation_is_exact_since_the_last_one_of_its_name() -> None:
    begin = BASKET + "    - {at: 2h, expect: {sent: [basket_reminder by push]}}\n"

    assert told(begin + "    - {at: 3h, expect: {sent: []}}\n") == ""
    assert told(begin + "    - {at: 3h, expect: {started: [abandoned_basket]}}\n") == ""
    assert "got       basket_reminder by email at 19:00" in told(begin + "    - {at: 6h, expect: {sent: []}}\n")


def test_order_counts_but_not_within_one_instant() -> None:
    runs = BASKET + "    - {at: 2h, event: booked, booking_id: k1}\n"

    def sent(*names: str) -> str:
        return told(runs + f"    - {{at: 5h, expect: {{sent: [{', '.join(names)}]}}}}\n")

    assert sent("basket_reminder by push", "booking_reminder", "basket_reminder by email") == ""
    assert sent("booking_reminder", "basket_reminder by push", "basket_reminder by email") != ""

    at_once = "".join(f"    - {{at: 0m, event: booked, booking_id: k{number}}}\n" for number in (1, 2))
    assert told(at_once + "    - {at: 0m, expect: {started: [reminder at 14:00, reminder]}}\n") == ""


def test_each_phrase_takes_a_record_of_its_own() -> None:
    twice = "".join(f"    - {{at: 0m, event: booked, booking_id: k{number}}}\n" for number in (1, 2))

    assert told(twice + "    - {at: 2h, expect: {sent: [booking_reminder]}}\n") != ""
    assert told(twice + "    - {at: 2h, expect: {sent: [booking_reminder, booking_reminder by email]}}\n") == ""
    assert told(twice + "    - {at: 2h, expect: {sent: [booking_reminder by sms, booking_reminder]}}\n") != ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("accepted", "sent: [basket_reminder by push]"),
        ("refused", "sent: [basket_reminder by email], retried: [basket_reminder by push because next_channel]"),
        ("bounced hard", "sent: [basket_reminder by email]"),
        ("unknown", "sent: [], unknown: [basket_reminder by push]"),
        ("unavailable until 2h30s", "sent: [basket_reminder by push]"),
        ("unavailable", "sent: [basket_reminder by email]"),
    ],
)
def test_what_providers_say_drives_retries_and_the_next_channel(said: str, expected: str) -> None:
    lines = f"    - outcomes: {{push: {said}}}\n" + BASKET + f"    - {{at: 2h10m, expect: {{{expected}}}}}\n"

    assert told(lines) == ""


def test_a_provider_changes_its_word_in_the_middle_of_a_story() -> None:
    lines = (
        BASKET
        + "    - {at: 1h, outcomes: {push: refused}}\n    - {at: 2h, expect: {sent: [basket_reminder by email]}}\n"
    )

    assert told(lines) == ""


def test_a_receipt_is_about_the_last_message_that_left() -> None:
    opened = "    - {at: 3h, event: opened, message: basket_reminder}\n"
    bounced = "    - {at: 3h, event: bounced, kind: hard, message: basket_reminder}\n"

    assert told(BASKET + opened + "    - {at: 9h, expect: {sent: [basket_reminder by push]}}\n") == ""
    assert (
        told(
            BASKET + bounced + "    - {at: 3h, expect: {sent: [basket_reminder, basket_reminder by email at 17:00]}}\n"
        )
        == ""
    )
    early = told("    - {at: 0m, event: opened, message: basket_reminder}\n    - {at: 1h, expect: {sent: []}}\n")
    assert "expected  basket_reminder has left by now" in early


def test_only_the_journeys_under_test_take_part() -> None:
    story = HEAD.replace("abandoned_basket, ", "") + BASKET + "    - {at: 9h, expect: {sent: []}}\n"

    (one,) = played(story)

    assert one.passed


def test_holdouts_and_arms_are_named_and_never_chance() -> None:
    begin = "    - {%s}\n" + BASKET.replace("45", "90") + "    - {at: 3h, event: opened, message: basket_reminder}\n"

    for arm, message in (("voucher", "second_call"), ("delivery", "first_call")):
        lines = (
            begin % f"arms: {{saver_test: {arm}}}"
            + f"    - {{at: 2d, expect: {{sent: [basket_reminder, {message}], held_out: []}}}}\n"
        )
        assert told(lines) == ""
    held = "    - {at: 2h, expect: {sent: [], held_out: [basket_reminder because holdout]}}\n"
    assert told("    - {holdout: in}\n" + BASKET + held) == ""


def test_a_day_keeps_the_time_of_day_and_hours_elapse() -> None:
    story = """tests: reminder
clock: 2026-03-28 10:00 Europe/Paris
customer: {id: ana, email: a@example.com}
cases:
  days:
    - {at: 1d, event: booked, booking_id: k1, expect: {started: [reminder at 2026-03-29 10:00]}}
  hours:
    - {at: 24h, event: booked, booking_id: k1, expect: {started: [reminder at 2026-03-29 11:00]}}
"""

    assert all(each.passed for each in played(story))


def test_what_a_customer_is_before_the_story_is_what_conditions_see() -> None:
    lines = (
        "    - {customer: {open_cases: 1}}\n"
        + BASKET
        + "    - {at: 2h, expect: {refused: [basket_reminder because suppressed]}}\n"
    )

    assert told(lines) == ""
    closed = lines.replace("    - {at: 2h", "    - {at: 1h, event: case_closed, case_id: before 1}\n    - {at: 2h")
    assert told(closed) == ""


def test_a_decision_on_which_the_core_fails_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no")

    monkeypatch.setattr("engine.testing.simulator.handle_event", fail)

    assert "ZeroDivisionError" in told(BASKET + "    - {at: 1h, expect: {sent: []}}\n")
