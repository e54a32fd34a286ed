"""Lengths of time as people write them."""

from __future__ import annotations

import re

import pytest

from engine.define.span import parse_span
from engine.model.span import DAY, HOUR, MINUTE, SECOND, Span


@pytest.mark.parametrize(
    ("text", "ms", "days", "months"),
    [
        ("30s", 30 * SECOND, 0, 0),
        ("90m", 90 * MINUTE, 0, 0),
        ("24h", 24 * HOUR, 0, 0),  # 24 hours are not a calendar day
        ("7d", 0, 7, 0),
        ("2w", 0, 14, 0),
        ("1 mo", 0, 0, 1),
        ("1y", 0, 0, 12),
        ("1h30m", 90 * MINUTE, 0, 0),
        ("1h 30m", 90 * MINUTE, 0, 0),
        ("2 days", 0, 2, 0),
        ("1 day 12 hours", 12 * HOUR, 1, 0),
        ("1 second", SECOND, 0, 0),
        ("3 weeks", 0, 21, 0),
        ("1 month", 0, 0, 1),
        ("2 years", 0, 0, 24),
        ("0m", 0, 0, 0),
    ],
)
def test_a_length_of_time_is_read(text: str, ms: int, days: int, months: int) -> None:
    assert parse_span(text) == Span(ms=ms, days=days, months=months, text=text)


def test_a_look_back_counts_a_year_as_365_days() -> None:
    assert parse_span("1y").elapsed == 365 * DAY
    assert parse_span(" 1h30m ").text == "1h30m"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("5", "'5' has no unit: write '5m' or '5h'"),
        ("1h30", "'30' at the end of '1h30' has no unit: write '30m' or so"),
        ("", "a length of time is missing: write for example '90m', '24h' or '7d'"),
        ("soon", "'soon' is not a length of time: write for example '90m', '24h', '7d' or '1h30m'"),
        ("-5m", "'-5m' is not a length of time: write for example '90m', '24h', '7d' or '1h30m'"),
        ("5 5m", "'5 5m' is not a length of time: write for example '90m', '24h', '7d' or '1h30m'"),
        ("1.5h", "'1.5h' is not a whole number: write for example '90m' instead of '1.5h'"),
        ("5 mins", "'mins' in '5 mins' is no unit of time: write '5m'"),
        ("5 fortnights", "'fortnights' in '5 fortnights' is no unit of time: units are s, m, h, d, w, mo and y"),
        ("3D", "'D' in '3D' is no unit of time: write '3d'"),
        ("9999y", "'9999y' is longer than 200 years: write a length of time that can pass"),
        ("9" * 5000 + "s", f"'{'9' * 37}...' is longer than 200 years: write a length of time that can pass"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, answer: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(answer)}\Z"):
        parse_span(text)
